/* The commands of the program: one file each, `cmd_NAME.c`. A command gets its own arguments (argv[0] is its name),
 * prints errors to stderr as one line that says what, where and what to do, and gives the exit status: 0 done, 1
 * failed, 2 the command line is wrong. */
#ifndef PAINTBOX_CLI_COMMANDS_H
#define PAINTBOX_CLI_COMMANDS_H

int cmd_up(int argc, char **argv);
int cmd_down(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_logs(int argc, char **argv);
int cmd_router(int argc, char **argv);
int cmd_service(int argc, char **argv); /* customers, projects, estimates, integrations: argv[0] says which */
int cmd_check(int argc, char **argv);
int cmd_compose(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_migrate(int argc, char **argv);
int cmd_seed(int argc, char **argv);
int cmd_token(int argc, char **argv);

#endif
