#include "federation/compose_model.h"

#include "base/panic.h"

struct fed_schema *fed_schema_new(struct arena *a)
{
    struct fed_schema *s = arena_new_of(a, struct fed_schema);
    s->arena = a;
    s->e.elem_kind = FED_ELEM_SCHEMA;
    return s;
}

/* ---- elements ---- */

static void elem_init(struct fed_elem *e, enum fed_elem_kind kind, struct str name)
{
    e->elem_kind = kind;
    e->name = name;
}

struct fed_type *fed_schema_add_type(struct fed_schema *s, enum gql_type_kind kind, struct str name)
{
    struct fed_type *t = arena_new_of(s->arena, struct fed_type);
    elem_init(&t->e, FED_ELEM_TYPE, name);
    t->kind = kind;
    t->id = (uint32_t)s->types.n;
    vec_push(s->arena, &s->types, t);
    map_put(s->arena, &s->type_by_name, name, t);
    return t;
}

struct fed_directive *fed_schema_add_directive(struct fed_schema *s, struct str name)
{
    struct fed_directive *d = arena_new_of(s->arena, struct fed_directive);
    elem_init(&d->e, FED_ELEM_DIRECTIVE, name);
    vec_push(s->arena, &s->directives, d);
    map_put(s->arena, &s->directive_by_name, name, d);
    return d;
}

struct fed_field *fed_type_add_field(struct fed_schema *s, struct fed_type *t, struct str name)
{
    struct fed_field *f = arena_new_of(s->arena, struct fed_field);
    elem_init(&f->e, FED_ELEM_FIELD, name);
    f->parent = t;
    vec_push(s->arena, &t->fields, f);
    map_put(s->arena, &t->field_by_name, name, f);
    return f;
}

struct fed_input *fed_type_add_input(struct fed_schema *s, struct fed_type *t, struct str name)
{
    struct fed_input *i = arena_new_of(s->arena, struct fed_input);
    elem_init(&i->e, FED_ELEM_INPUT, name);
    i->parent = t;
    vec_push(s->arena, &t->inputs, i);
    map_put(s->arena, &t->child_by_name, name, i);
    return i;
}

struct fed_enum_value *fed_type_add_value(struct fed_schema *s, struct fed_type *t, struct str name)
{
    struct fed_enum_value *v = arena_new_of(s->arena, struct fed_enum_value);
    elem_init(&v->e, FED_ELEM_ENUM_VALUE, name);
    v->parent = t;
    vec_push(s->arena, &t->values, v);
    map_put(s->arena, &t->child_by_name, name, v);
    return v;
}

struct fed_input *fed_field_add_arg(struct arena *a, struct fed_field *f, struct str name)
{
    struct fed_input *i = arena_new_of(a, struct fed_input);
    elem_init(&i->e, FED_ELEM_INPUT, name);
    i->field = f;
    vec_push(a, &f->args, i);
    return i;
}

struct fed_input *fed_directive_add_arg(struct arena *a, struct fed_directive *d, struct str name)
{
    struct fed_input *i = arena_new_of(a, struct fed_input);
    elem_init(&i->e, FED_ELEM_INPUT, name);
    i->directive = d;
    vec_push(a, &d->args, i);
    return i;
}

/* ---- from a document ---- */

static void add_applied(struct arena *a, struct fed_elem *e, const struct gql_directive_list *list, uint32_t ext)
{
    for (uint32_t i = 0; i < list->n; i++) {
        struct gql_directive *d = &list->v[i];
        vec_push(a, &e->applied, (struct fed_applied){d->name.s, d->args, d->n_args, d->loc, ext});
    }
}

static void read_input(struct arena *a, struct fed_input *i, const struct gql_input_value_definition *def)
{
    i->e.loc = def->loc;
    i->e.description = def->description;
    i->e.has_description = def->has_description;
    i->type = def->type;
    i->default_value = def->default_value;
    add_applied(a, &i->e, &def->directives, 0);
}

static void read_field(struct fed_schema *s, struct fed_type *t, const struct gql_field_definition *def, uint32_t ext)
{
    struct fed_field *f = fed_type_add_field(s, t, def->name.s);
    f->e.loc = def->loc;
    f->e.description = def->description;
    f->e.has_description = def->has_description;
    f->type = def->type;
    f->ext = ext;
    add_applied(s->arena, &f->e, &def->directives, 0);
    for (uint32_t i = 0; i < def->n_args; i++)
        read_input(s->arena, fed_field_add_arg(s->arena, f, def->args[i].name.s), &def->args[i]);
}

static void read_value(struct fed_schema *s, struct fed_type *t, const struct gql_enum_value_definition *def)
{
    struct fed_enum_value *v = fed_type_add_value(s, t, def->name.s);
    v->e.loc = def->loc;
    v->e.description = def->description;
    v->e.has_description = def->has_description;
    add_applied(s->arena, &v->e, &def->directives, 0);
}

static enum gql_type_kind kind_of_definition(enum gql_definition_kind kind)
{
    switch (kind) {
    case GQL_OBJECT_DEF: return GQL_OBJECT_TYPE;
    case GQL_INTERFACE_DEF: return GQL_INTERFACE;
    case GQL_UNION_DEF: return GQL_UNION;
    case GQL_ENUM_DEF: return GQL_ENUM_TYPE;
    case GQL_INPUT_DEF: return GQL_INPUT_OBJECT;
    default: return GQL_SCALAR;
    }
}

static void read_children(struct fed_schema *s, struct fed_type *t, const struct gql_definition *def, uint32_t ext)
{
    for (uint32_t i = 0; i < def->n_fields; i++)
        read_field(s, t, &def->fields[i], ext);
    for (uint32_t i = 0; i < def->n_interfaces; i++)
        vec_push(s->arena, &t->interfaces, def->interfaces[i].s);
    for (uint32_t i = 0; i < def->n_members; i++)
        vec_push(s->arena, &t->members, def->members[i].s);
    for (uint32_t i = 0; i < def->n_values; i++)
        read_value(s, t, &def->values[i]);
    for (uint32_t i = 0; i < def->n_inputs; i++)
        read_input(s->arena, fed_type_add_input(s, t, def->inputs[i].name.s), &def->inputs[i]);
}

static void read_type(struct fed_schema *s, const struct gql_definition *def)
{
    struct fed_type *t = fed_schema_type(s, def->name.s);
    if (!t) {
        t = fed_schema_add_type(s, kind_of_definition(def->kind), def->name.s);
        t->e.loc = def->loc;
    }
    uint32_t ext = 0;
    if (def->extend) {
        ext = ++t->n_extensions;
        if (ext == 1)
            t->extension_loc = def->loc;
    } else {
        t->has_definition = true;
        t->e.loc = def->loc;
        t->e.description = def->description;
        t->e.has_description = def->has_description;
    }
    add_applied(s->arena, &t->e, &def->directives, ext);
    read_children(s, t, def, ext);
}

static uint32_t location_bits(const struct gql_definition *def)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < def->n_locations; i++)
        for (int l = GQL_ON_QUERY; l <= GQL_ON_INPUT_FIELD_DEFINITION; l++)
            if (str_eq(def->locations[i].s, gql_directive_location_name((enum gql_directive_location)l)))
                bits |= 1u << l;
    return bits;
}

static void read_directive(struct fed_schema *s, const struct gql_definition *def)
{
    struct fed_directive *d = fed_schema_add_directive(s, def->name.s);
    d->e.loc = def->loc;
    d->e.description = def->description;
    d->e.has_description = def->has_description;
    d->repeatable = def->repeatable;
    d->locations = location_bits(def);
    for (uint32_t i = 0; i < def->n_inputs; i++)
        read_input(s->arena, fed_directive_add_arg(s->arena, d, def->inputs[i].name.s), &def->inputs[i]);
}

static void read_schema(struct fed_schema *s, const struct gql_definition *def, uint32_t *extensions)
{
    add_applied(s->arena, &s->e, &def->directives, def->extend ? ++*extensions : 0);
    for (uint32_t i = 0; i < def->n_roots; i++)
        s->root_name[def->roots[i].kind] = def->roots[i].type.s;
    if (def->extend)
        return;
    s->has_schema_definition = true;
    s->e.loc = def->loc;
    s->e.description = def->description;
    s->e.has_description = def->has_description;
}

void fed_schema_add_definition(struct fed_schema *s, const struct gql_definition *def, uint32_t *schema_extensions)
{
    switch (def->kind) {
    case GQL_OPERATION:
    case GQL_FRAGMENT: break;
    case GQL_SCHEMA_DEF: read_schema(s, def, schema_extensions); break;
    case GQL_DIRECTIVE_DEF: read_directive(s, def); break;
    default: read_type(s, def);
    }
}

void fed_schema_add_document(struct fed_schema *s, const struct gql_document *doc)
{
    uint32_t schema_extensions = 0;
    for (uint32_t i = 0; i < doc->n; i++)
        fed_schema_add_definition(s, doc->definitions[i], &schema_extensions);
}

/* ---- removal and renaming ---- */

static void rebuild_type_map(struct fed_schema *s)
{
    s->type_by_name = (struct map){0};
    for (size_t i = 0; i < s->types.n; i++) {
        s->types.v[i]->id = (uint32_t)i;
        map_put(s->arena, &s->type_by_name, s->types.v[i]->e.name, s->types.v[i]);
    }
}

void fed_schema_remove_type(struct fed_schema *s, struct fed_type *t)
{
    size_t n = 0;
    for (size_t i = 0; i < s->types.n; i++)
        if (s->types.v[i] != t)
            s->types.v[n++] = s->types.v[i];
    s->types.n = n;
    t->e.removed = true;
    rebuild_type_map(s);
}

void fed_type_remove_field(struct fed_schema *s, struct fed_type *t, struct fed_field *f)
{
    size_t n = 0;
    t->field_by_name = (struct map){0};
    for (size_t i = 0; i < t->fields.n; i++) {
        if (t->fields.v[i] == f)
            continue;
        t->fields.v[n++] = t->fields.v[i];
        map_put(s->arena, &t->field_by_name, t->fields.v[n - 1]->e.name, t->fields.v[n - 1]);
    }
    t->fields.n = n;
    f->e.removed = true;
}

static const struct gql_type_ref *ref_renamed(struct arena *a, const struct gql_type_ref *r, struct str from,
                                              struct str to)
{
    if (!r || !str_eq(fed_ref_base(r)->name, from))
        return r;
    struct gql_type_ref *copy = arena_memdup(a, r, sizeof *r);
    if (copy->kind == GQL_REF_NAMED)
        copy->name = to;
    else
        copy->of = (struct gql_type_ref *)ref_renamed(a, r->of, from, to);
    return copy;
}

static void names_rename(struct fed_name_vec *names, struct str from, struct str to)
{
    for (size_t i = 0; i < names->n; i++)
        if (str_eq(names->v[i], from))
            names->v[i] = to;
}

void fed_schema_rename_type(struct fed_schema *s, struct fed_type *t, struct str name)
{
    struct str from = t->e.name;
    for (size_t i = 0; i < s->types.n; i++) {
        struct fed_type *other = s->types.v[i];
        names_rename(&other->interfaces, from, name);
        names_rename(&other->members, from, name);
        for (size_t j = 0; j < other->fields.n; j++)
            other->fields.v[j]->type = ref_renamed(s->arena, other->fields.v[j]->type, from, name);
    }
    for (int k = 0; k < 3; k++)
        if (str_eq(s->root_name[k], from))
            s->root_name[k] = name;
    t->e.name = name;
    rebuild_type_map(s);
}

/* ---- runtime types ---- */

void fed_schema_index(struct fed_schema *s)
{
    for (size_t i = 0; i < s->types.n; i++)
        s->types.v[i]->possible.n = 0;
    for (size_t i = 0; i < s->types.n; i++) {
        struct fed_type *t = s->types.v[i];
        if (t->kind == GQL_OBJECT_TYPE) {
            vec_push(s->arena, &t->possible, t);
            for (size_t j = 0; j < t->interfaces.n; j++) {
                struct fed_type *itf = fed_schema_type(s, t->interfaces.v[j]);
                if (itf && itf->kind == GQL_INTERFACE)
                    vec_push(s->arena, &itf->possible, t);
            }
        } else if (t->kind == GQL_UNION) {
            for (size_t j = 0; j < t->members.n; j++) {
                struct fed_type *m = fed_schema_type(s, t->members.v[j]);
                if (m && m->kind == GQL_OBJECT_TYPE)
                    vec_push(s->arena, &t->possible, m);
            }
        }
    }
}

/* ---- questions ---- */

struct fed_type *fed_schema_type(const struct fed_schema *s, struct str name)
{
    return map_get(&s->type_by_name, name);
}

struct fed_directive *fed_schema_directive(const struct fed_schema *s, struct str name)
{
    return name.p ? map_get(&s->directive_by_name, name) : NULL;
}

struct fed_field *fed_type_field(const struct fed_type *t, struct str name)
{
    return map_get(&t->field_by_name, name);
}

struct fed_input *fed_type_input(const struct fed_type *t, struct str name)
{
    return t->kind == GQL_INPUT_OBJECT ? map_get(&t->child_by_name, name) : NULL;
}

struct fed_enum_value *fed_type_value(const struct fed_type *t, struct str name)
{
    return t->kind == GQL_ENUM_TYPE ? map_get(&t->child_by_name, name) : NULL;
}

static struct fed_input *inputs_find(const struct fed_input_vec *v, struct str name)
{
    for (size_t i = 0; i < v->n; i++)
        if (str_eq(v->v[i]->e.name, name))
            return v->v[i];
    return NULL;
}

struct fed_input *fed_field_arg(const struct fed_field *f, struct str name)
{
    return inputs_find(&f->args, name);
}
struct fed_input *fed_directive_def_arg(const struct fed_directive *d, struct str name)
{
    return inputs_find(&d->args, name);
}

static bool names_have(const struct fed_name_vec *names, struct str name)
{
    for (size_t i = 0; i < names->n; i++)
        if (str_eq(names->v[i], name))
            return true;
    return false;
}

bool fed_type_implements(const struct fed_type *t, struct str interface)
{
    return names_have(&t->interfaces, interface);
}
bool fed_type_has_member(const struct fed_type *t, struct str member)
{
    return names_have(&t->members, member);
}

bool fed_type_can_be(const struct fed_type *t, const struct fed_type *object)
{
    for (size_t i = 0; i < t->possible.n; i++)
        if (t->possible.v[i] == object)
            return true;
    return false;
}

bool fed_type_is_root(const struct fed_schema *s, const struct fed_type *t, enum gql_operation_kind kind)
{
    return s->root_name[kind].p && str_eq(s->root_name[kind], t->e.name);
}

bool fed_type_is_any_root(const struct fed_schema *s, const struct fed_type *t)
{
    return fed_type_is_root(s, t, GQL_QUERY) || fed_type_is_root(s, t, GQL_MUTATION) ||
           fed_type_is_root(s, t, GQL_SUBSCRIPTION);
}

const struct gql_type_ref *fed_ref_base(const struct gql_type_ref *r)
{
    while (r->kind != GQL_REF_NAMED)
        r = r->of;
    return r;
}

bool fed_ref_equal(const struct gql_type_ref *a, const struct gql_type_ref *b)
{
    for (; a->kind == b->kind; a = a->of, b = b->of)
        if (a->kind == GQL_REF_NAMED)
            return str_eq(a->name, b->name);
    return false;
}

bool fed_ref_is_list(const struct gql_type_ref *r)
{
    return r->kind == GQL_REF_LIST || (r->kind == GQL_REF_NON_NULL && r->of->kind == GQL_REF_LIST);
}

static void ref_write(struct buf *out, const struct gql_type_ref *r)
{
    if (r->kind == GQL_REF_NAMED) {
        buf_add(out, r->name);
        return;
    }
    if (r->kind == GQL_REF_LIST)
        buf_add_char(out, '[');
    ref_write(out, r->of);
    buf_add_char(out, r->kind == GQL_REF_LIST ? ']' : '!');
}

struct str fed_ref_str(struct arena *a, const struct gql_type_ref *r)
{
    struct buf out;
    buf_init(&out, 1 << 16);
    ref_write(&out, r);
    struct str s = arena_str(a, buf_str(&out));
    buf_free(&out);
    return s;
}

bool fed_is_builtin_scalar(struct str name)
{
    static const char *const NAMES[] = {"Int", "Float", "String", "Boolean", "ID"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (str_eq_c(name, NAMES[i]))
            return true;
    return false;
}

bool fed_input_required(const struct fed_input *i)
{
    return i->type->kind == GQL_REF_NON_NULL && !i->default_value;
}

/* ---- applied directives ---- */

const struct fed_applied *fed_applied_find(const struct fed_elem *e, struct str name)
{
    if (!name.p)
        return NULL;
    for (size_t i = 0; i < e->applied.n; i++)
        if (str_eq(e->applied.v[i].name, name))
            return &e->applied.v[i];
    return NULL;
}

const struct gql_value *fed_applied_arg(const struct fed_applied *d, struct str name)
{
    for (uint32_t i = 0; d && i < d->n_args; i++)
        if (str_eq(d->args[i].name.s, name))
            return d->args[i].value;
    return NULL;
}

struct str fed_applied_str(const struct fed_applied *d, struct str name)
{
    const struct gql_value *v = fed_applied_arg(d, name);
    return v && v->kind == GQL_STRING ? v->text : STR_NONE;
}

bool fed_applied_bool(const struct fed_applied *d, struct str name, bool otherwise)
{
    const struct gql_value *v = fed_applied_arg(d, name);
    return v && v->kind == GQL_BOOLEAN ? v->boolean : otherwise;
}

void fed_elem_unapply(struct fed_elem *e, struct str name)
{
    size_t n = 0;
    for (size_t i = 0; i < e->applied.n; i++)
        if (!str_eq(e->applied.v[i].name, name))
            e->applied.v[n++] = e->applied.v[i];
    e->applied.n = n;
}

struct fed_applied *fed_elem_apply(struct arena *a, struct fed_elem *e, struct str name)
{
    vec_push(a, &e->applied, (struct fed_applied){.name = name});
    return &vec_last(&e->applied);
}

void fed_applied_add_arg(struct arena *a, struct fed_applied *d, struct str name, struct gql_value *value)
{
    struct gql_argument *args = arena_array(a, struct gql_argument, d->n_args + 1);
    if (d->n_args)
        memcpy(args, d->args, d->n_args * sizeof *args);
    args[d->n_args] = (struct gql_argument){{name, {0}}, value};
    d->args = args;
    d->n_args++;
}

static void note_applied(struct arena *a, struct map *used, const struct fed_elem *e)
{
    for (size_t i = 0; i < e->applied.n; i++)
        map_put(a, used, e->applied.v[i].name, used);
}

static void note_inputs(struct arena *a, struct map *used, const struct fed_input_vec *v)
{
    for (size_t i = 0; i < v->n; i++)
        note_applied(a, used, &v->v[i]->e);
}

struct map fed_schema_used(struct arena *a, const struct fed_schema *s)
{
    struct map used = {0};
    note_applied(a, &used, &s->e);
    for (size_t i = 0; i < s->types.n; i++) {
        const struct fed_type *t = s->types.v[i];
        note_applied(a, &used, &t->e);
        note_inputs(a, &used, &t->inputs);
        for (size_t j = 0; j < t->fields.n; j++) {
            note_applied(a, &used, &t->fields.v[j]->e);
            note_inputs(a, &used, &t->fields.v[j]->args);
        }
        for (size_t j = 0; j < t->values.n; j++)
            note_applied(a, &used, &t->values.v[j]->e);
    }
    for (size_t i = 0; i < s->directives.n; i++)
        note_inputs(a, &used, &s->directives.v[i]->args);
    return used;
}

static struct str input_coordinate(struct arena *a, const struct fed_input *i)
{
    if (i->parent)
        return arena_printf(a, "%.*s.%.*s", STR_ARG(i->parent->e.name), STR_ARG(i->e.name));
    if (i->directive)
        return arena_printf(a, "@%.*s(%.*s:)", STR_ARG(i->directive->e.name), STR_ARG(i->e.name));
    return arena_printf(a, "%.*s.%.*s(%.*s:)", STR_ARG(i->field->parent->e.name), STR_ARG(i->field->e.name),
                        STR_ARG(i->e.name));
}

struct str fed_coordinate(struct arena *a, const struct fed_elem *e)
{
    switch (e->elem_kind) {
    case FED_ELEM_SCHEMA: return STR("schema");
    case FED_ELEM_TYPE: return e->name;
    case FED_ELEM_FIELD:
        return arena_printf(a, "%.*s.%.*s", STR_ARG(((const struct fed_field *)e)->parent->e.name), STR_ARG(e->name));
    case FED_ELEM_INPUT: return input_coordinate(a, (const struct fed_input *)e);
    case FED_ELEM_ENUM_VALUE:
        return arena_printf(a, "%.*s.%.*s", STR_ARG(((const struct fed_enum_value *)e)->parent->e.name),
                            STR_ARG(e->name));
    case FED_ELEM_DIRECTIVE: return arena_printf(a, "@%.*s", STR_ARG(e->name));
    }
    PB_PANIC("unknown kind of element %d", (int)e->elem_kind);
}
