/* Logging: one line per event, to stderr.
 *
 *     log_set_name("router");
 *     log_info("listening on %s", address);
 *     → 2026-11-22T15:47:10.123Z info  router: listening on 127.0.0.1:4000
 *
 * With PAINTBOX_LOG_FORMAT=json each line is one JSON object (time, level, service, message). The level comes
 * from PAINTBOX_LOG (error, warn, info, debug; default info). Safe from several threads: a line is one write.
 * Never log a secret, a token or a customer's data.
 */
#ifndef PAINTBOX_BASE_LOG_H
#define PAINTBOX_BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_name(const char *name); /* must outlive the process; at most 32 bytes are shown */
void log_set_level(enum log_level level);
enum log_level log_level(void);
void log_at(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_at(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) (log_level() >= LOG_DEBUG ? log_at(LOG_DEBUG, __VA_ARGS__) : (void)0)

#endif
