#include "graphql/introspect.h"

#include "graphql/printer.h"
#include "graphql/validate.h"

/* The selections are turned into plans: for each object type the fields to write, merged by response key, with their
 * arguments. A plan is made when its first object is written, so what a client nests costs only as deep as the type
 * system really goes. */

enum object { OF_SCHEMA, OF_TYPE, OF_FIELD, OF_INPUT, OF_ENUM_VALUE, OF_DIRECTIVE };

enum field {
    NAME_OF_TYPE, DESCRIPTION, TYPES, QUERY_TYPE, MUTATION_TYPE, SUBSCRIPTION_TYPE, DIRECTIVES,
    KIND, NAME, SPECIFIED_BY, FIELDS, INTERFACES, POSSIBLE_TYPES, ENUM_VALUES, INPUT_FIELDS, OF_TYPE_FIELD, IS_ONE_OF,
    ARGS, TYPE, IS_DEPRECATED, DEPRECATION_REASON, DEFAULT_VALUE, IS_REPEATABLE, LOCATIONS
};

static const struct {
    struct str name;
    enum field field;
} FIELD_NAMES[] = {
    {STR_INIT("__typename"), NAME_OF_TYPE},
    {STR_INIT("description"), DESCRIPTION},
    {STR_INIT("types"), TYPES},
    {STR_INIT("queryType"), QUERY_TYPE},
    {STR_INIT("mutationType"), MUTATION_TYPE},
    {STR_INIT("subscriptionType"), SUBSCRIPTION_TYPE},
    {STR_INIT("directives"), DIRECTIVES},
    {STR_INIT("kind"), KIND},
    {STR_INIT("name"), NAME},
    {STR_INIT("specifiedByURL"), SPECIFIED_BY},
    {STR_INIT("fields"), FIELDS},
    {STR_INIT("interfaces"), INTERFACES},
    {STR_INIT("possibleTypes"), POSSIBLE_TYPES},
    {STR_INIT("enumValues"), ENUM_VALUES},
    {STR_INIT("inputFields"), INPUT_FIELDS},
    {STR_INIT("ofType"), OF_TYPE_FIELD},
    {STR_INIT("isOneOf"), IS_ONE_OF},
    {STR_INIT("args"), ARGS},
    {STR_INIT("type"), TYPE},
    {STR_INIT("isDeprecated"), IS_DEPRECATED},
    {STR_INIT("deprecationReason"), DEPRECATION_REASON},
    {STR_INIT("defaultValue"), DEFAULT_VALUE},
    {STR_INIT("isRepeatable"), IS_REPEATABLE},
    {STR_INIT("locations"), LOCATIONS},
};

static const struct str OBJECT_NAMES[] = {
    [OF_SCHEMA] = STR_INIT("__Schema"),         [OF_TYPE] = STR_INIT("__Type"),
    [OF_FIELD] = STR_INIT("__Field"),           [OF_INPUT] = STR_INIT("__InputValue"),
    [OF_ENUM_VALUE] = STR_INIT("__EnumValue"), [OF_DIRECTIVE] = STR_INIT("__Directive"),
};

struct selection_vec VEC_BODY(const struct gql_selection *);

struct plan;

struct planned {
    struct str key;
    enum field field;
    bool deprecated_too; /* includeDeprecated: true */
    struct selection_vec nodes;
    struct plan *below; /* NULL: not made yet */
};

struct plan {
    VEC(struct planned *) fields;
};

struct walk {
    struct buf *out;
    struct json_writer w;
    struct arena *a;
    const struct gql_schema *s;
    const struct gql_document *doc;
    const struct gql_variables *vars;
};

/* ---- plans ---- */

static bool bool_argument(const struct walk *k, const struct gql_selection *sel, struct str name)
{
    for (uint32_t i = 0; i < sel->n_args; i++) {
        const struct gql_value *v = sel->args[i].value;
        if (!str_eq(sel->args[i].name.s, name))
            continue;
        if (v->kind == GQL_BOOLEAN)
            return v->boolean;
        const struct gql_variable *var = v->kind == GQL_VARIABLE ? gql_variables_find(k->vars, v->text) : NULL;
        return var && var->value && var->value->kind == JSON_BOOL && var->value->boolean;
    }
    return false;
}

static void plan_field(struct walk *k, struct plan *plan, struct map *by_key, const struct gql_selection *sel)
{
    struct planned *p = map_get(by_key, gql_response_key(sel));
    if (!p) {
        p = arena_new_of(k->a, struct planned);
        p->key = gql_response_key(sel);
        p->deprecated_too = bool_argument(k, sel, STR("includeDeprecated"));
        for (size_t i = 0; i < sizeof FIELD_NAMES / sizeof *FIELD_NAMES; i++)
            if (str_eq(FIELD_NAMES[i].name, sel->name.s))
                p->field = FIELD_NAMES[i].field;
        map_put(k->a, by_key, p->key, p);
        vec_push(k->a, &plan->fields, p);
    }
    vec_push(k->a, &p->nodes, sel);
}

static bool applies(const struct walk *k, struct str on, enum object object)
{
    const struct gql_type *t = on.p ? gql_schema_type(k->s, on) : NULL;
    const struct gql_type *self = gql_schema_type(k->s, OBJECT_NAMES[object]);
    return !on.p || t == self || (t && gql_type_is_abstract(t) && bits_has(t->possible, self->id));
}

static void push_set(struct walk *k, struct selection_vec *pending, const struct gql_selection_set *set)
{
    for (uint32_t i = set ? set->n : 0; i > 0; i--)
        vec_push(k->a, pending, set->items[i - 1]);
}

static void plan_selection(struct walk *k, struct plan *plan, struct map *by_key, struct map *seen, enum object object,
                           struct selection_vec *pending)
{
    const struct gql_selection *sel = pending->v[--pending->n];
    if (!gql_directives_include(&sel->directives, k->vars))
        return;
    if (sel->kind == GQL_FIELD) {
        plan_field(k, plan, by_key, sel);
    } else if (sel->kind == GQL_INLINE_FRAGMENT) {
        if (applies(k, sel->on.s, object))
            push_set(k, pending, sel->selections);
    } else {
        const struct gql_definition *f = gql_document_fragment(k->doc, sel->name.s);
        if (f && applies(k, f->on.s, object) && !map_put(k->a, seen, sel->name.s, seen))
            push_set(k, pending, f->selections);
    }
}

static struct plan *make_plan(struct walk *k, const struct selection_vec *nodes, enum object object)
{
    struct plan *plan = arena_new_of(k->a, struct plan);
    struct map by_key = {0}, seen = {0};
    struct selection_vec pending = {0};
    for (size_t i = nodes->n; i > 0; i--)
        push_set(k, &pending, nodes->v[i - 1]->selections);
    while (pending.n)
        plan_selection(k, plan, &by_key, &seen, object, &pending);
    return plan;
}

static const struct plan *below(struct walk *k, struct planned *p, enum object object)
{
    if (!p->below)
        p->below = make_plan(k, &p->nodes, object);
    return p->below;
}

/* ---- writing: leaves ---- */

static void text_or_null(struct walk *k, bool present, struct str text)
{
    if (present)
        jw_string(&k->w, text);
    else
        jw_null(&k->w);
}

static void write_default(struct walk *k, const struct gql_value *v)
{
    struct buf text;
    if (!v) {
        jw_null(&k->w);
        return;
    }
    buf_init(&text, 16u << 20);
    gql_print_value(&text, v);
    jw_string(&k->w, buf_str(&text));
    buf_free(&text);
}

static void write_deprecation(struct walk *k, enum field field, const struct gql_directive_list *directives)
{
    struct str reason = STR_NONE;
    bool deprecated = gql_deprecated(directives, &reason);
    if (field == IS_DEPRECATED)
        jw_bool(&k->w, deprecated);
    else
        text_or_null(k, deprecated, reason);
}

static bool hidden(const struct planned *p, const struct gql_directive_list *directives)
{
    struct str reason;
    return !p->deprecated_too && gql_deprecated(directives, &reason);
}

/* ---- writing: objects ---- */

static void write_type(struct walk *k, const struct plan *plan, const struct gql_type *t);
static void write_tref(struct walk *k, const struct plan *plan, const struct gql_tref *t);

/* __typename and the parts that all objects write alike. False for the other fields. */
static bool write_common(struct walk *k, const struct planned *p, enum object object, struct str name, bool described,
                         struct str description)
{
    switch (p->field) {
    case NAME_OF_TYPE:
        jw_string(&k->w, OBJECT_NAMES[object]);
        return true;
    case NAME:
        jw_string(&k->w, name);
        return true;
    case DESCRIPTION:
        text_or_null(k, described, description);
        return true;
    default:
        return false;
    }
}

static void write_input(struct walk *k, const struct plan *plan, const struct gql_input *in)
{
    jw_begin_object(&k->w);
    for (size_t i = 0; i < plan->fields.n; i++) {
        struct planned *p = plan->fields.v[i];
        jw_name(&k->w, p->key);
        if (write_common(k, p, OF_INPUT, in->name, in->has_description, in->description))
            continue;
        if (p->field == TYPE)
            write_tref(k, below(k, p, OF_TYPE), in->type);
        else if (p->field == DEFAULT_VALUE)
            write_default(k, in->default_value);
        else
            write_deprecation(k, p->field, &in->directives);
    }
    jw_end_object(&k->w);
}

static void write_inputs(struct walk *k, struct planned *p, const struct gql_input *in, uint32_t n)
{
    const struct plan *plan = below(k, p, OF_INPUT);
    jw_begin_array(&k->w);
    for (uint32_t i = 0; i < n && !buf_overflowed(k->out); i++)
        if (!hidden(p, &in[i].directives))
            write_input(k, plan, &in[i]);
    jw_end_array(&k->w);
}

static void write_field(struct walk *k, const struct plan *plan, const struct gql_field *f)
{
    jw_begin_object(&k->w);
    for (size_t i = 0; i < plan->fields.n; i++) {
        struct planned *p = plan->fields.v[i];
        jw_name(&k->w, p->key);
        if (write_common(k, p, OF_FIELD, f->name, f->has_description, f->description))
            continue;
        if (p->field == ARGS)
            write_inputs(k, p, f->args, f->n_args);
        else if (p->field == TYPE)
            write_tref(k, below(k, p, OF_TYPE), f->type);
        else
            write_deprecation(k, p->field, &f->directives);
    }
    jw_end_object(&k->w);
}

static void write_fields(struct walk *k, struct planned *p, const struct gql_type *t)
{
    const struct plan *plan = below(k, p, OF_FIELD);
    jw_begin_array(&k->w);
    for (uint32_t i = 0; i < t->n_fields && !buf_overflowed(k->out); i++)
        if (!hidden(p, &t->fields[i].directives))
            write_field(k, plan, &t->fields[i]);
    jw_end_array(&k->w);
}

static void write_enum_value(struct walk *k, const struct plan *plan, const struct gql_enum_value *v)
{
    jw_begin_object(&k->w);
    for (size_t i = 0; i < plan->fields.n; i++) {
        struct planned *p = plan->fields.v[i];
        jw_name(&k->w, p->key);
        if (!write_common(k, p, OF_ENUM_VALUE, v->name, v->has_description, v->description))
            write_deprecation(k, p->field, &v->directives);
    }
    jw_end_object(&k->w);
}

static void write_enum_values(struct walk *k, struct planned *p, const struct gql_type *t)
{
    const struct plan *plan = below(k, p, OF_ENUM_VALUE);
    jw_begin_array(&k->w);
    for (uint32_t i = 0; i < t->n_values && !buf_overflowed(k->out); i++)
        if (!hidden(p, &t->values[i].directives))
            write_enum_value(k, plan, &t->values[i]);
    jw_end_array(&k->w);
}

static void write_types(struct walk *k, struct planned *p, struct gql_type *const *types, size_t n, bool objects_only)
{
    const struct plan *plan = below(k, p, OF_TYPE);
    jw_begin_array(&k->w);
    for (size_t i = 0; i < n && !buf_overflowed(k->out); i++)
        if (!objects_only || types[i]->kind == GQL_OBJECT_TYPE)
            write_type(k, plan, types[i]);
    jw_end_array(&k->w);
}

/* The fields of __Type that only some kinds have. */
static bool write_type_part(struct walk *k, struct planned *p, const struct gql_type *t)
{
    bool has_fields = t->kind == GQL_OBJECT_TYPE || t->kind == GQL_INTERFACE;
    if (p->field == FIELDS && has_fields)
        write_fields(k, p, t);
    else if (p->field == INTERFACES && has_fields)
        write_types(k, p, t->interfaces.v, t->interfaces.n, false);
    else if (p->field == POSSIBLE_TYPES && gql_type_is_abstract(t))
        write_types(k, p, t->members.v, t->members.n, true);
    else if (p->field == ENUM_VALUES && t->kind == GQL_ENUM_TYPE)
        write_enum_values(k, p, t);
    else if (p->field == INPUT_FIELDS && t->kind == GQL_INPUT_OBJECT)
        write_inputs(k, p, t->inputs, t->n_inputs);
    else if (p->field == IS_ONE_OF && t->kind == GQL_INPUT_OBJECT)
        jw_bool(&k->w, t->one_of);
    else
        return false;
    return true;
}

static void write_type(struct walk *k, const struct plan *plan, const struct gql_type *t)
{
    static const struct str KINDS[] = {
        [GQL_SCALAR] = STR_INIT("SCALAR"), [GQL_OBJECT_TYPE] = STR_INIT("OBJECT"),
        [GQL_INTERFACE] = STR_INIT("INTERFACE"), [GQL_UNION] = STR_INIT("UNION"),
        [GQL_ENUM_TYPE] = STR_INIT("ENUM"), [GQL_INPUT_OBJECT] = STR_INIT("INPUT_OBJECT"),
    };
    jw_begin_object(&k->w);
    for (size_t i = 0; i < plan->fields.n; i++) {
        struct planned *p = plan->fields.v[i];
        jw_name(&k->w, p->key);
        if (write_common(k, p, OF_TYPE, t->name, t->has_description, t->description) || write_type_part(k, p, t))
            continue;
        if (p->field == KIND)
            jw_string(&k->w, KINDS[t->kind]);
        else
            text_or_null(k, p->field == SPECIFIED_BY && t->specified_by.p, t->specified_by);
    }
    jw_end_object(&k->w);
}

/* The wrappers are as deep as the parser allows. */
static void write_tref(struct walk *k, const struct plan *plan, const struct gql_tref *t)
{
    if (t->kind == GQL_REF_NAMED) {
        write_type(k, plan, t->type);
        return;
    }
    jw_begin_object(&k->w);
    for (size_t i = 0; i < plan->fields.n; i++) {
        struct planned *p = plan->fields.v[i];
        jw_name(&k->w, p->key);
        if (p->field == KIND)
            jw_string(&k->w, t->kind == GQL_REF_LIST ? STR("LIST") : STR("NON_NULL"));
        else if (p->field == NAME_OF_TYPE)
            jw_string(&k->w, OBJECT_NAMES[OF_TYPE]);
        else if (p->field == OF_TYPE_FIELD)
            write_tref(k, below(k, p, OF_TYPE), t->of);
        else
            jw_null(&k->w);
    }
    jw_end_object(&k->w);
}

static void write_directive(struct walk *k, const struct plan *plan, const struct gql_directive_type *d)
{
    static const struct gql_directive_list NONE;
    jw_begin_object(&k->w);
    for (size_t i = 0; i < plan->fields.n; i++) {
        struct planned *p = plan->fields.v[i];
        jw_name(&k->w, p->key);
        if (write_common(k, p, OF_DIRECTIVE, d->name, d->has_description, d->description))
            continue;
        if (p->field == IS_REPEATABLE) {
            jw_bool(&k->w, d->repeatable);
        } else if (p->field == ARGS) {
            write_inputs(k, p, d->args, d->n_args);
        } else if (p->field == LOCATIONS) {
            jw_begin_array(&k->w);
            for (uint32_t j = 0; j < d->ast->n_locations; j++)
                jw_string(&k->w, d->ast->locations[j].s);
            jw_end_array(&k->w);
        } else {
            write_deprecation(k, p->field, &NONE); /* the grammar has no directives on definitions of directives */
        }
    }
    jw_end_object(&k->w);
}

static void write_directives(struct walk *k, struct planned *p)
{
    const struct plan *plan = below(k, p, OF_DIRECTIVE);
    jw_begin_array(&k->w);
    for (size_t i = 0; i < k->s->directive_by_name.n; i++)
        write_directive(k, plan, k->s->directive_by_name.entries[i].value);
    jw_end_array(&k->w);
}

static void write_root(struct walk *k, struct planned *p, const struct gql_type *t)
{
    if (t)
        write_type(k, below(k, p, OF_TYPE), t);
    else
        jw_null(&k->w);
}

static void write_schema(struct walk *k, const struct plan *plan)
{
    const struct gql_schema *s = k->s;
    jw_begin_object(&k->w);
    for (size_t i = 0; i < plan->fields.n; i++) {
        struct planned *p = plan->fields.v[i];
        jw_name(&k->w, p->key);
        if (write_common(k, p, OF_SCHEMA, STR(""), s->has_description, s->description))
            continue;
        if (p->field == TYPES)
            write_types(k, p, s->listed, s->n_listed, false);
        else if (p->field == DIRECTIVES)
            write_directives(k, p);
        else
            write_root(k, p,
                       p->field == QUERY_TYPE      ? s->query
                       : p->field == MUTATION_TYPE ? s->mutation
                                                   : s->subscription);
    }
    jw_end_object(&k->w);
}

/* ---- the two root fields ---- */

static struct str name_argument(const struct walk *k, const struct gql_selection *sel)
{
    for (uint32_t i = 0; i < sel->n_args; i++) {
        const struct gql_value *v = sel->args[i].value;
        const struct gql_variable *var = v->kind == GQL_VARIABLE ? gql_variables_find(k->vars, v->text) : NULL;
        if (!str_eq(sel->args[i].name.s, STR("name")))
            continue;
        if (v->kind == GQL_STRING)
            return v->text;
        if (var && var->value && var->value->kind == JSON_STRING)
            return var->value->text;
    }
    return STR_NONE;
}

void gql_introspect(struct buf *out, struct arena *a, const struct gql_schema *schema, const struct gql_document *doc,
                    const struct gql_selection *field, const struct gql_variables *vars)
{
    struct walk k = {.out = out, .w = json_writer(out), .a = a, .s = schema, .doc = doc, .vars = vars};
    struct selection_vec nodes = {0};
    vec_push(a, &nodes, field);
    if (str_eq(field->name.s, STR("__schema"))) {
        write_schema(&k, make_plan(&k, &nodes, OF_SCHEMA));
        return;
    }
    const struct gql_type *t = gql_schema_type(schema, name_argument(&k, field));
    if (t && t->listed)
        write_type(&k, make_plan(&k, &nodes, OF_TYPE), t);
    else
        jw_null(&k.w);
}
