/* The rules of Federation 2 for one subgraph: where its directives may stand and what their field sets may select. */
#include "federation/compose_fieldset.h"
#include "federation/compose_subgraph.h"

struct rules {
    struct fed_subgraph *sg;
    struct messages *m;
    struct arena *a;
    size_t before; /* errors that stay when one is reported alone */
    bool stopped;  /* by an error that makes the other rules meaningless: it is reported alone */
};

/* Forgets the errors of this subgraph: the next one stands alone. */
static void stop(struct rules *r)
{
    r->m->errors.n = r->before;
    r->stopped = true;
}

#define at(r, element) ((struct where){(r)->sg, &(element)->e, {0}})
#define at_applied(r, element, applied) ((struct where){(r)->sg, (element), (applied)->loc})

typedef void (*type_rule)(struct rules *r, struct fed_type *t);
typedef void (*field_rule)(struct rules *r, struct fed_field *f);

static void each_type(struct rules *r, type_rule rule)
{
    for (size_t i = 0; i < r->sg->schema->types.n && !r->stopped; i++)
        rule(r, r->sg->schema->types.v[i]);
}

static void each_field(struct rules *r, field_rule rule)
{
    for (size_t i = 0; i < r->sg->schema->types.n; i++)
        for (size_t j = 0; j < r->sg->schema->types.v[i]->fields.n && !r->stopped; j++)
            rule(r, r->sg->schema->types.v[i]->fields.v[j]);
}

/* ---- field sets ---- */

/* The codes of one directive's family. */
struct set_codes {
    const char *name, *invalid, *invalid_type, *has_args, *has_directive, *missing_external, *on_interface;
};
static const struct set_codes KEY_CODES = {"key",
                                           "KEY_INVALID_FIELDS",
                                           "KEY_INVALID_FIELDS_TYPE",
                                           "KEY_FIELDS_HAS_ARGS",
                                           "KEY_DIRECTIVE_IN_FIELDS_ARG",
                                           NULL,
                                           "KEY_UNSUPPORTED_ON_INTERFACE"};
static const struct set_codes REQUIRES_CODES = {"requires",
                                                "REQUIRES_INVALID_FIELDS",
                                                "REQUIRES_INVALID_FIELDS_TYPE",
                                                NULL,
                                                "REQUIRES_DIRECTIVE_IN_FIELDS_ARG",
                                                "REQUIRES_FIELDS_MISSING_EXTERNAL",
                                                "REQUIRES_UNSUPPORTED_ON_INTERFACE"};
static const struct set_codes PROVIDES_CODES = {"provides",
                                                "PROVIDES_INVALID_FIELDS",
                                                "PROVIDES_INVALID_FIELDS_TYPE",
                                                "PROVIDES_FIELDS_HAS_ARGS",
                                                "PROVIDES_DIRECTIVE_IN_FIELDS_ARG",
                                                "PROVIDES_FIELDS_MISSING_EXTERNAL",
                                                "PROVIDES_UNSUPPORTED_ON_INTERFACE"};

struct set_check {
    struct rules *r;
    const struct set_codes *codes;
    const struct fed_elem *elem;
    const struct fed_applied *applied;
};

#define set_error(c, code, ...) msg_error((c)->r->m, at_applied((c)->r, (c)->elem, (c)->applied), code, __VA_ARGS__)

/* An interface's field counts as external when it is so in some implementation. */
static bool external_below(const struct fed_field *f)
{
    if (f->external || f->parent->kind != GQL_INTERFACE)
        return f->external;
    for (size_t i = 0; i < f->parent->possible.n; i++) {
        struct fed_field *impl = fed_type_field(f->parent->possible.v[i], f->e.name);
        if (impl && impl->external)
            return true;
    }
    return false;
}

static void check_missing_external(struct set_check *c, const struct fed_selection *s)
{
    const struct fed_field *f = s->field;
    if (!f) {
        set_error(c, c->codes->missing_external,
                  "@%s on \"%.*s\" lists \"%.*s.__typename\", which every subgraph knows: take it out of @%s",
                  c->codes->name, STR_ARG(fed_coordinate(c->r->a, c->elem)), STR_ARG(s->parent->e.name),
                  c->codes->name);
        return;
    }
    struct str name = fed_coordinate(c->r->a, &f->e);
    if (f->fake_external)
        set_error(c, c->codes->missing_external,
                  "@%s on \"%.*s\" lists \"%.*s\", which this subgraph resolves itself: as a key of an extension its "
                  "@external "
                  "has no effect. Take it out of @%s",
                  c->codes->name, STR_ARG(fed_coordinate(c->r->a, c->elem)), STR_ARG(name), c->codes->name);
    else
        set_error(c, c->codes->missing_external,
                  "@%s on \"%.*s\" lists \"%.*s\", which this subgraph resolves itself. Mark it @external or take it "
                  "out of @%s",
                  c->codes->name, STR_ARG(fed_coordinate(c->r->a, c->elem)), STR_ARG(name), c->codes->name);
}

static void check_selections(struct set_check *c, const struct fed_selections *set, bool external_parent)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct fed_selection *s = &set->v[i];
        if (s->ast->directives.n)
            set_error(c, c->codes->has_directive,
                      "directives such as @%.*s are not allowed inside @%s(fields:): delete it",
                      STR_ARG(s->ast->directives.v[0].name.s), c->codes->name);
        if (s->field && s->field->args.n && c->codes->has_args)
            set_error(c, c->codes->has_args, "\"%.*s\" has arguments and cannot be part of @%s(fields:): take it out",
                      STR_ARG(fed_coordinate(c->r->a, &s->field->e)), c->codes->name);
        bool leaf = s->ast->kind == GQL_FIELD && !s->sub;
        if (leaf && c->codes->missing_external && !external_parent && !(s->field && s->field->external))
            check_missing_external(c, s);
        if (s->sub)
            check_selections(c, s->sub, external_parent || (s->field && external_below(s->field)));
    }
}

/* @key cannot go through abstract types: which fields identify would depend on the object. */
static const struct fed_field *abstract_field(const struct fed_schema *s, const struct fed_selections *set)
{
    for (uint32_t i = 0; i < set->n; i++) {
        if (set->v[i].field) {
            struct fed_type *t = fed_ref_type(s, set->v[i].field->type);
            if (t && (t->kind == GQL_UNION || t->kind == GQL_INTERFACE))
                return set->v[i].field;
        }
        const struct fed_field *f = set->v[i].sub ? abstract_field(s, set->v[i].sub) : NULL;
        if (f)
            return f;
    }
    return NULL;
}

static void check_set(struct rules *r, const struct set_codes *codes, struct fed_elem *elem,
                      const struct fed_applied *d, struct fed_type *target)
{
    struct set_check c = {r, codes, elem, d};
    const struct gql_value *fields = fed_applied_arg(d, STR("fields"));
    if (!fields || fields->kind != GQL_STRING) {
        set_error(&c, codes->invalid_type, "@%s(fields:) on \"%.*s\" is no string: write one such as \"id name\"",
                  codes->name, STR_ARG(fed_coordinate(r->a, elem)));
        return;
    }
    struct str problem = STR_NONE;
    const struct fed_field *abstract = NULL;
    struct fed_selections *set = fieldset_parse(r->sg->schema, target, fields->text, &problem);
    struct fed_selections *lenient = fieldset_parse_lenient(r->sg->schema, target, fields->text);
    if (codes == &KEY_CODES && lenient)
        abstract = abstract_field(r->sg->schema, lenient);
    if (abstract)
        set_error(&c, "KEY_FIELDS_SELECT_INVALID_TYPE",
                  "@key(fields: \"%.*s\") on \"%.*s\" selects \"%.*s\", an interface or union: "
                  "make keys of leaves and objects",
                  STR_ARG(fields->text), STR_ARG(fed_coordinate(r->a, elem)),
                  STR_ARG(fed_coordinate(r->a, &abstract->e)));
    else if (!set)
        set_error(&c, codes->invalid, "@%s(fields: \"%.*s\") on \"%.*s\" is not valid: %.*s", codes->name,
                  STR_ARG(fields->text), STR_ARG(fed_coordinate(r->a, elem)), STR_ARG(problem));
    else
        check_selections(&c, set, false);
}

static void check_keys(struct rules *r, struct fed_type *t)
{
    for (size_t i = 0; i < t->e.applied.n; i++) {
        struct fed_applied *d = &t->e.applied.v[i];
        if (!str_eq(d->name, r->sg->dir_name[FED_KEY]))
            continue;
        if (t->kind == GQL_INTERFACE && r->sg->version.minor < 3)
            msg_error(r->m, at_applied(r, &t->e, d), KEY_CODES.on_interface,
                      "@key on interface \"%.*s\" needs a newer federation: link v2.3 or later", STR_ARG(t->e.name));
        check_set(r, &KEY_CODES, &t->e, d, t);
    }
}

static bool within_interface(struct rules *r, const struct set_codes *codes, struct fed_field *f,
                             const struct fed_applied *d)
{
    if (f->parent->kind != GQL_INTERFACE)
        return false;
    msg_error(r->m, at_applied(r, &f->e, d), codes->on_interface,
              "@%s cannot stand on \"%.*s\", a field of an interface: put it on the fields of the implementing types",
              codes->name, STR_ARG(fed_coordinate(r->a, &f->e)));
    return true;
}

static void check_requires(struct rules *r, struct fed_field *f)
{
    const struct fed_applied *d = fed_find(r->sg, &f->e, FED_REQUIRES);
    if (!d)
        return;
    within_interface(r, &REQUIRES_CODES, f, d);
    check_set(r, &REQUIRES_CODES, &f->e, d, f->parent);
}

static void check_provides(struct rules *r, struct fed_field *f)
{
    const struct fed_applied *d = fed_find(r->sg, &f->e, FED_PROVIDES);
    if (!d)
        return;
    struct str name = fed_coordinate(r->a, &f->e);
    struct fed_type *target = fed_ref_type(r->sg->schema, f->type);
    if (f->external) {
        stop(r);
        msg_error(r->m, at_applied(r, &f->e, d), "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",
                  "\"%.*s\" has both @provides and @external: what is not resolved here provides nothing. Take one of "
                  "them away",
                  STR_ARG(name));
        return;
    }
    if (!target || !fed_type_is_composite(target)) {
        stop(r);
        msg_error(r->m, at_applied(r, &f->e, d), "PROVIDES_ON_NON_OBJECT_FIELD",
                  "@provides on \"%.*s\" has no meaning: its type \"%.*s\" has no fields. Delete it", STR_ARG(name),
                  STR_ARG(fed_ref_str(r->a, f->type)));
        return;
    }
    within_interface(r, &PROVIDES_CODES, f, d);
    check_set(r, &PROVIDES_CODES, &f->e, d, target);
}

/* ---- @external ---- */

static void check_external_on_interface(struct rules *r, struct fed_field *f)
{
    if (f->external && f->parent->kind == GQL_INTERFACE && !f->parent->displaced)
        msg_error(r->m, at(r, f), "EXTERNAL_ON_INTERFACE",
                  "\"%.*s\" is a field of an interface and cannot be @external: delete @external",
                  STR_ARG(fed_coordinate(r->a, &f->e)));
}

static void check_external_used(struct rules *r, struct fed_field *f)
{
    if (f->external && !f->used && !f->parent->displaced)
        msg_error(r->m, at(r, f), "EXTERNAL_UNUSED",
                  "\"%.*s\" is @external but no @key, @requires, @provides or interface of this subgraph uses it: "
                  "delete the field, "
                  "or @external if this subgraph resolves it",
                  STR_ARG(fed_coordinate(r->a, &f->e)));
}

/* The query root has fields of the router's own, which nothing uses and every subgraph resolves. */
static void check_external_query(struct rules *r)
{
    struct str root = r->sg->schema->root_name[GQL_QUERY];
    const struct fed_type *t = root.p ? fed_schema_type(r->sg->schema, root) : NULL;
    const struct fed_applied *d = t ? fed_find(r->sg, &t->e, FED_EXTERNAL) : NULL;
    if (d)
        msg_error(r->m, at_applied(r, &t->e, d), "EXTERNAL_UNUSED",
                  "\"%.*s\" is the query root, and its field _service cannot be @external: mark the fields that are",
                  STR_ARG(root));
}

/* ---- keys of interfaces, interface objects ---- */

/* Keys that are not valid cannot be compared: one such error is reported, alone. */
static bool key_comparable(struct rules *r, struct fed_type *t, const struct fed_applied *d)
{
    const struct gql_value *fields = fed_applied_arg(d, STR("fields"));
    if (fields && fields->kind == GQL_STRING && fieldset_comparable(r->sg->schema, t, fields->text))
        return true;
    stop(r);
    check_set(r, &KEY_CODES, &t->e, d, t);
    return false;
}

enum found_key { KEY_MISSING, KEY_NOT_RESOLVABLE, KEY_THERE, KEY_NOT_COMPARABLE };

static enum found_key implementation_key(struct rules *r, struct fed_type *t, const struct fed_selections *key)
{
    for (size_t i = 0; i < t->e.applied.n; i++) {
        struct fed_applied *d = &t->e.applied.v[i];
        if (!str_eq(d->name, r->sg->dir_name[FED_KEY]))
            continue;
        if (!key_comparable(r, t, d))
            return KEY_NOT_COMPARABLE;
        struct fed_selections *set = fed_meta_fields(r->sg, t, d);
        if (set && fieldset_equal(set, key))
            return fed_applied_bool(d, STR("resolvable"), true) ? KEY_THERE : KEY_NOT_RESOLVABLE;
    }
    return KEY_MISSING;
}

static void check_interface_key(struct rules *r, struct fed_type *itf, const struct fed_applied *d)
{
    if (!key_comparable(r, itf, d))
        return;
    struct fed_selections *key = fed_meta_fields(r->sg, itf, d);
    bool resolvable = fed_applied_bool(d, STR("resolvable"), true);
    struct fed_name_vec missing = {0}, unresolvable = {0};
    for (size_t i = 0; key && i < itf->possible.n; i++) {
        enum found_key found = implementation_key(r, itf->possible.v[i], key);
        if (found == KEY_NOT_COMPARABLE)
            return;
        if (found == KEY_MISSING)
            vec_push(r->a, &missing, itf->possible.v[i]->e.name);
        else if (found == KEY_NOT_RESOLVABLE && resolvable)
            vec_push(r->a, &unresolvable, itf->possible.v[i]->e.name);
    }
    struct str text = fed_applied_print(r->a, d);
    if (missing.n)
        msg_error(r->m, at_applied(r, &itf->e, d), "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
                  "interface \"%.*s\" has %.*s: add the same key to %.*s", STR_ARG(itf->e.name), STR_ARG(text),
                  STR_ARG(msg_names(r->a, "type", "types", missing.v, missing.n)));
    else if (unresolvable.n)
        msg_error(r->m, at_applied(r, &itf->e, d), "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
                  "interface \"%.*s\" has %.*s, but with resolvable: false on %.*s: make it resolvable there",
                  STR_ARG(itf->e.name), STR_ARG(text),
                  STR_ARG(msg_names(r->a, "type", "types", unresolvable.v, unresolvable.n)));
}

static void check_interface_keys(struct rules *r, struct fed_type *t)
{
    for (size_t i = 0; t->kind == GQL_INTERFACE && !r->stopped && i < t->e.applied.n; i++)
        if (str_eq(t->e.applied.v[i].name, r->sg->dir_name[FED_KEY]))
            check_interface_key(r, t, &t->e.applied.v[i]);
}

static void check_interface_object(struct rules *r, struct fed_type *t)
{
    const struct fed_applied *d = fed_find(r->sg, &t->e, FED_INTERFACE_OBJECT);
    if (d && !fed_has(r->sg, &t->e, FED_KEY))
        msg_error(r->m, at_applied(r, &t->e, d), "INTERFACE_OBJECT_USAGE_ERROR",
                  "\"%.*s\" is an @interfaceObject without @key: add the key of the interface", STR_ARG(t->e.name));
}

/* ---- @shareable ---- */

static void check_shareable_once(struct rules *r, const struct fed_elem *e)
{
    for (size_t i = 0; i < e->applied.n; i++)
        for (size_t j = 0; j < i; j++)
            if (str_eq(e->applied.v[i].name, r->sg->dir_name[FED_SHAREABLE]) &&
                str_eq(e->applied.v[j].name, e->applied.v[i].name) && e->applied.v[i].ext == e->applied.v[j].ext) {
                msg_error(r->m, at_applied(r, e, &e->applied.v[i]), "INVALID_SHAREABLE_USAGE",
                          "@shareable stands twice on the same declaration of \"%.*s\": delete one",
                          STR_ARG(fed_coordinate(r->a, e)));
                return;
            }
}

static void check_shareable_type(struct rules *r, struct fed_type *t)
{
    if (t->kind == GQL_OBJECT_TYPE)
        check_shareable_once(r, &t->e);
}

static void check_shareable_field(struct rules *r, struct fed_field *f)
{
    if (f->parent->kind == GQL_OBJECT_TYPE)
        check_shareable_once(r, &f->e);
    else if (fed_has(r->sg, &f->e, FED_SHAREABLE))
        msg_error(r->m, at(r, f), "INVALID_SHAREABLE_USAGE",
                  "\"%.*s\" is a field of an interface: @shareable belongs on the fields of objects. Delete it",
                  STR_ARG(fed_coordinate(r->a, &f->e)));
}

/* ---- @cost, @listSize ---- */

static void check_cost(struct rules *r, struct fed_field *f)
{
    const struct fed_applied *d = fed_find(r->sg, &f->e, FED_COST);
    if (d && f->parent->kind == GQL_INTERFACE)
        msg_error(r->m, at_applied(r, &f->e, d), "COST_APPLIED_TO_INTERFACE_FIELD",
                  "@cost cannot stand on \"%.*s\", a field of an interface: put it on the implementing types",
                  STR_ARG(fed_coordinate(r->a, &f->e)));
}

static bool is_int(const struct gql_type_ref *t)
{
    if (t->kind == GQL_REF_NON_NULL)
        t = t->of;
    return t->kind == GQL_REF_NAMED && str_eq(t->name, STR("Int"));
}

static void check_slicing(struct rules *r, struct fed_field *f, const struct fed_applied *d, struct str name)
{
    struct fed_input *arg = fed_field_arg(f, name);
    struct str at_field = fed_coordinate(r->a, &f->e);
    if (!arg)
        msg_error(r->m, at_applied(r, &f->e, d), "LIST_SIZE_INVALID_SLICING_ARGUMENT",
                  "\"%.*s\" has no argument \"%.*s\" for @listSize(slicingArguments:): add it, or correct the name",
                  STR_ARG(at_field), STR_ARG(name));
    else if (!is_int(arg->type))
        msg_error(r->m, at_applied(r, &f->e, d), "LIST_SIZE_INVALID_SLICING_ARGUMENT",
                  "argument \"%.*s\" of \"%.*s\" is a slicing argument of another type: make it Int or Int!",
                  STR_ARG(name), STR_ARG(at_field));
}

static void check_sized(struct rules *r, struct fed_field *f, const struct fed_applied *d, struct str name)
{
    struct fed_type *t = fed_ref_type(r->sg->schema, f->type);
    struct fed_field *sized = t && fed_type_has_fields(t) ? fed_type_field(t, name) : NULL;
    if (!sized)
        msg_error(
            r->m, at_applied(r, &f->e, d), "LIST_SIZE_INVALID_SIZED_FIELD",
            "type \"%.*s\" has no field \"%.*s\" for @listSize(sizedFields:) of \"%.*s\": add it, or correct the name",
            STR_ARG(fed_ref_base(f->type)->name), STR_ARG(name), STR_ARG(fed_coordinate(r->a, &f->e)));
    else if (!fed_ref_is_list(sized->type))
        msg_error(r->m, at_applied(r, &f->e, d), "LIST_SIZE_APPLIED_TO_NON_LIST",
                  "\"%.*s\", a sized field of \"%.*s\", is not a list: name lists only",
                  STR_ARG(fed_coordinate(r->a, &sized->e)), STR_ARG(fed_coordinate(r->a, &f->e)));
}

static uint32_t list_len(const struct gql_value *v)
{
    return v && v->kind == GQL_LIST ? v->n : v && v->kind == GQL_STRING ? 1 : 0;
}
static struct str list_text(const struct gql_value *v, uint32_t i)
{
    return v->kind == GQL_LIST ? v->items[i]->text : v->text;
}

static void check_list_size(struct rules *r, struct fed_field *f)
{
    const struct fed_applied *d = fed_find(r->sg, &f->e, FED_LIST_SIZE);
    if (!d)
        return;
    const struct gql_value *sized = fed_applied_arg(d, STR("sizedFields")),
                           *assumed = fed_applied_arg(d, STR("assumedSize"));
    const struct gql_value *slicing = fed_applied_arg(d, STR("slicingArguments"));
    struct str name = fed_coordinate(r->a, &f->e);
    if (list_len(sized) == 0 && !fed_ref_is_list(f->type))
        msg_error(r->m, at_applied(r, &f->e, d), "LIST_SIZE_APPLIED_TO_NON_LIST",
                  "@listSize on \"%.*s\", which is not a list: name the lists inside it with sizedFields",
                  STR_ARG(name));
    if (assumed && assumed->kind == GQL_INT && assumed->text.p[0] == '-')
        msg_error(r->m, at_applied(r, &f->e, d), "LIST_SIZE_INVALID_ASSUMED_SIZE",
                  "the assumed size of \"%.*s\" is negative: make it 0 or more", STR_ARG(name));
    for (uint32_t i = 0; i < list_len(slicing); i++)
        check_slicing(r, f, d, list_text(slicing, i));
    struct fed_type *t = fed_ref_type(r->sg->schema, f->type);
    if (list_len(sized) && (!t || !fed_type_is_composite(t)))
        msg_error(r->m, at_applied(r, &f->e, d), "LIST_SIZE_INVALID_SIZED_FIELD",
                  "\"%.*s\" is of type \"%.*s\", which has no fields: delete sizedFields", STR_ARG(name),
                  STR_ARG(fed_ref_str(r->a, f->type)));
    else
        for (uint32_t i = 0; i < list_len(sized); i++)
            check_sized(r, f, d, list_text(sized, i));
}

/* ---- access control ---- */

static const enum fed_dir AUTH[] = {FED_AUTHENTICATED, FED_REQUIRES_SCOPES, FED_POLICY};

static void check_auth(struct rules *r, const struct fed_elem *e, enum fed_dir dir, const char *what)
{
    const struct fed_applied *d = fed_find(r->sg, e, dir);
    if (d)
        msg_error(
            r->m, at_applied(r, e, d), "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
            "@%.*s cannot stand on %s \"%.*s\": put it on the implementing types, the interface takes it from them",
            STR_ARG(d->name), what, STR_ARG(fed_coordinate(r->a, e)));
}

static void check_auth_of_type(struct rules *r, struct fed_type *t)
{
    for (size_t i = 0; i < sizeof AUTH / sizeof *AUTH; i++) {
        if (t->kind == GQL_INTERFACE || t->interface_object)
            check_auth(r, &t->e, AUTH[i], t->interface_object ? "interface object" : "interface");
        for (size_t j = 0; t->kind == GQL_INTERFACE && j < t->fields.n; j++)
            check_auth(r, &t->fields.v[j]->e, AUTH[i], "field");
    }
}

void subgraph_check_rules(struct fed_subgraph *sg, struct messages *m, size_t before)
{
    struct rules r = {.sg = sg, .m = m, .a = m->arena, .before = before};
    each_type(&r, check_keys);
    each_field(&r, check_requires);
    each_field(&r, check_provides);
    if (!r.stopped)
        subgraph_check_contexts(sg, m);
    each_field(&r, check_external_on_interface);
    each_field(&r, check_external_used);
    if (!r.stopped)
        check_external_query(&r);
    each_type(&r, check_interface_keys);
    each_type(&r, check_interface_object);
    each_type(&r, check_shareable_type);
    each_field(&r, check_shareable_field);
    each_field(&r, check_cost);
    each_field(&r, check_list_size);
    each_type(&r, check_auth_of_type);
    sg->broken |= m->errors.n > r.before;
}
