/* Files that travel inside the program: schemas, statements, migrations, pages.
 *
 * The build-time tool `embed` writes one C source for a list of files:
 *
 *     embed OUT.c PREFIX FILE...       name of an entry: the file's base name
 *     embed OUT.c PREFIX -C DIR FILE…  name of an entry: FILE as given, read from DIR/FILE
 *
 * and in a room's meson.build:
 *
 *     pages_c = custom_target('pages.c', output: 'pages.c', input: ['index.html', 'app.js'],
 *       command: [embed_tool, '@OUTPUT@', 'pages', '@INPUT@'])
 *
 * The room declares what it uses with EMBEDDED_FILES(pages); and finds a file with
 *
 *     const struct embedded_file *f = EMBEDDED_FIND(pages, STR("index.html"));
 *
 * Entries are sorted by name, and two files of one name are an error of the build. The bytes are
 * followed by a NUL that is not counted. At most 64 MB per file.
 */
#ifndef PAINTBOX_BASE_EMBED_H
#define PAINTBOX_BASE_EMBED_H

#include "base/str.h"

struct embedded_file {
    struct str name;
    struct str data;
};

#define EMBEDDED_FILES(prefix)                          \
    extern const struct embedded_file prefix##_files[]; \
    extern const size_t prefix##_files_count

/* NULL when absent. */
const struct embedded_file *embedded_find(const struct embedded_file *files, size_t n,
                                          struct str name);
#define EMBEDDED_FIND(prefix, name) embedded_find(prefix##_files, prefix##_files_count, (name))

#endif
