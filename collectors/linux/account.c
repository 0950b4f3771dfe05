/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts and groups of passwd(5), group(5) and shadow(5); no password hash leaves this file. */
#include "collectors/linux/host.h"
#include "collectors/linux/logon.h"
#include "collectors/linux/pairs.h"
#include "lib/instant.h"

/* Groups whose members can become root without a further hole. */
static const char *const ruling_groups[] = {
	"root", "sudo", "wheel", "admin", "docker", "lxd", "incus-admin", "disk",
};

static const struct { const char *prefix, *name; } schemes[] = {
	{ "$y$", "yescrypt" }, { "$gy$", "gost-yescrypt" }, { "$7$", "scrypt" }, { "$6$", "sha512" },
	{ "$5$", "sha256" },   { "$2", "bcrypt" },          { "$1$", "md5" },    { "$sm3$", "sm3" },
	{ "$md5", "sunmd5" },  { "$sha1$", "sha1" },        { "$3$", "nt" },     { "_", "bsdi" },
	{ "$", "unknown" },
};

struct accounts {
	struct host host;
	struct buf shadow, groups;       /* texts of the files */
	struct pairs shadow_lines;       /* name → line */
	struct pairs by_member, by_id;   /* member → group; group id → group */
	size_t roots;                    /* accounts with uid 0 so far */
};

const char *password_state(struct span field, const char **scheme)
{
	bool locked = false;

	*scheme = NULL;
	if (!field.size)
		return "empty";
	while (field.size && (field.data[0] == '!' || field.data[0] == '*')) {
		locked = true;
		field = span_part(field, 1, field.size);
	}
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes && !*scheme; i++)
		if (span_starts(field, schemes[i].prefix))
			*scheme = schemes[i].name;
	if (!*scheme && field.size == 13)
		*scheme = "des";
	return *scheme ? locked ? "locked" : "set" : "none";
}

static int64_t days_of(struct span text)
{
	int64_t days;

	return span_number(text, &days) && days >= 0 ? days : DAYS_NONE;
}

struct shadow shadow_parse(struct span line)
{
	struct shadow s = { 0 };

	line = span_part(line, 0, PASSWD_LINE);
	s.name = span_until(&line, ':');
	s.state = password_state(span_until(&line, ':'), &s.scheme);
	s.changed = days_of(span_until(&line, ':'));
	span_until(&line, ':');
	s.max_days = days_of(span_until(&line, ':'));
	span_until(&line, ':');
	span_until(&line, ':');
	s.expires = days_of(span_until(&line, ':'));
	return s;
}

static void put_day(struct row *row, int column, int64_t days)
{
	int64_t instant;

	if (days >= 0 && days < INT64_MAX / 86400 && instant_of(days * 86400, 0, &instant))
		row_time(row, column, instant);
}

static void put_password(struct accounts *a, const struct passwd *user, struct row *row)
{
	size_t at = pairs_find(&a->shadow_lines, user->name);
	const char *scheme = NULL, *state = "unknown";

	if (!span_is(user->password, "x")) {
		state = password_state(user->password, &scheme);
	} else if (at < a->shadow_lines.count) {
		struct shadow s = shadow_parse(a->shadow_lines.items[at].value);

		state = s.state;
		scheme = s.scheme;
		put_day(row, ACCOUNT_CHANGED, s.changed);
		put_day(row, ACCOUNT_EXPIRES, s.expires);
		if (s.max_days >= 0)
			row_int(row, ACCOUNT_MAX_DAYS, s.max_days);
	}
	row_text(row, ACCOUNT_PASSWORD, state);
	row_text(row, ACCOUNT_SCHEME, scheme);
}

/* Adds the groups that have the key; whether one of them rules. */
static bool add_groups(const struct pairs *groups, struct span key, struct buf *list)
{
	bool rules = false;

	for (size_t i = pairs_find(groups, key);
	     key.size && i < groups->count && span_equal(groups->items[i].key, key); i++) {
		struct span name = groups->items[i].value;

		list_add(list, name);
		for (size_t j = 0; j < sizeof ruling_groups / sizeof *ruling_groups; j++)
			rules |= span_is(name, ruling_groups[j]);
	}
	return rules;
}

static void put_id(struct row *row, int column, struct span text, int64_t number)
{
	if (number >= 0)
		row_int(row, column, number);
	else
		row_raw(row, column, text);
}

static int emit_account(struct accounts *a, const struct passwd *user, struct fail *f)
{
	struct row row = row_on(&table_account);
	struct buf groups = { 0 };
	bool rules = add_groups(&a->by_id, user->gid, &groups);
	int result;

	rules |= add_groups(&a->by_member, user->name, &groups);
	row_span(&row, ACCOUNT_NAME, user->name);
	put_id(&row, ACCOUNT_UID, user->uid, user->uid_number);
	put_id(&row, ACCOUNT_GID, user->gid, user->gid_number);
	row_span(&row, ACCOUNT_FULL_NAME, user->full_name);
	row_span(&row, ACCOUNT_HOME, user->home);
	row_span(&row, ACCOUNT_SHELL, user->shell);
	row_span(&row, ACCOUNT_GROUPS, groups.size ? buf_span(&groups) : (struct span){ 0 });
	put_password(a, user, &row);
	row_bool(&row, ACCOUNT_PRIVILEGED, user->uid_number == 0 || rules);
	row_text(&row, ACCOUNT_PATH, "/etc/passwd");
	result =
		groups.bad ? fail_set(f, "out of memory") : a->host.c->sink->row(a->host.c->sink, &row, f);
	buf_done(&groups);
	return result;
}

/* What is odd about a line of passwd. */
static int judge_account(struct accounts *a, const struct passwd *user, struct fail *f)
{
	struct span path = span_of("/etc/passwd");

	if (user->uid_number == 0 && a->roots++ &&
	    host_note(&a->host, path, f, "line %zu gives user id 0 to a further account", user->line))
		return -1;
	if (user->size > PASSWD_LINE &&
		host_note(&a->host, path, f, "line %zu is longer than %d bytes; it is cut", user->line,
				  PASSWD_LINE))
		return -1;
	if (!user->whole && !span_starts(user->name, "+") && !span_starts(user->name, "-"))
		return host_note(&a->host, path, f, "line %zu is not a whole account line", user->line);
	return 0;
}

static int run_accounts(struct accounts *a, struct fail *f)
{
	struct host *h = &a->host;

	for (size_t i = 0; i < h->account_count; i++)
		if (emit_account(a, &h->users[i], f) || judge_account(a, &h->users[i], f))
			return -1;
	return 0;
}

static int index_shadow(struct accounts *a, struct fail *f)
{
	struct span text = buf_span(&a->shadow);

	while (text.size) {
		struct span line = span_until(&text, '\n'), rest = line, name = span_until(&rest, ':');

		if (name.size && pairs_add(&a->shadow_lines, name, line, f))
			return -1;
	}
	pairs_sort(&a->shadow_lines);
	return 0;
}

static int index_groups(struct accounts *a, struct fail *f)
{
	struct span text = buf_span(&a->groups);

	while (text.size) {
		struct span line = span_until(&text, '\n'), name = span_until(&line, ':'), gid;

		span_until(&line, ':');
		gid = span_until(&line, ':');
		if (name.size && pairs_add(&a->by_id, gid, name, f))
			return -1;
		while (name.size && line.size)
			if (pairs_add(&a->by_member, span_trim(span_until(&line, ',')), name, f))
				return -1;
	}
	pairs_sort(&a->by_id);
	pairs_sort(&a->by_member);
	return 0;
}

static int run_groups(struct accounts *a, struct fail *f)
{
	struct span text = buf_span(&a->groups);
	int result = 0;

	for (size_t i = 1; !result && text.size; i++) {
		struct span line = span_part(span_until(&text, '\n'), 0, PASSWD_LINE * 8), gid;
		struct row row = row_on(&table_account_group);
		struct buf members = { 0 };
		int64_t number;

		if (!line.size)
			continue;
		row_span(&row, GROUP_NAME, span_until(&line, ':'));
		span_until(&line, ':');
		gid = span_until(&line, ':');
		put_id(&row, GROUP_GID, gid, span_number(gid, &number) ? number : -1);
		while (line.size)
			list_add(&members, span_trim(span_until(&line, ',')));
		if (members.size)
			row_span(&row, GROUP_MEMBERS, buf_span(&members));
		result = members.bad ? fail_set(f, "out of memory") :
		         a->host.c->sink->row(a->host.c->sink, &row, f);
		buf_done(&members);
	}
	return result;
}

/* Shadow lines of accounts that passwd does not have: someone has tidied up in haste. */
static int judge_shadow(struct accounts *a, struct fail *f)
{
	struct pairs names = { 0 };
	int result = 0;

	for (size_t i = 0; !result && i < a->host.account_count; i++)
		result = pairs_add(&names, a->host.users[i].name, a->host.users[i].name, f);
	pairs_sort(&names);
	for (size_t i = 0; !result && i < a->shadow_lines.count; i++) {
		struct span name = a->shadow_lines.items[i].key;

		if (pairs_find(&names, name) == names.count)
			result = host_note(&a->host, span_of("/etc/shadow"), f, "no account of the name '%.*s'",
			                   name.size < 256 ? (int)name.size : 256, (const char *)name.data);
	}
	pairs_done(&names);
	return result;
}

static int account_run(struct collection *c, struct fail *f)
{
	struct accounts a = { 0 };
	int result = host_open(&a.host, c, f);

	if (result)
		return result;
	if (host_slurp(&a.host, span_of("/etc/shadow"), &a.shadow, f) < 0 ||
	    host_slurp(&a.host, span_of("/etc/group"), &a.groups, f) < 0)
		result = -1;
	else if (index_shadow(&a, f) || index_groups(&a, f) || run_accounts(&a, f) ||
	         judge_shadow(&a, f) || run_groups(&a, f))
		result = -1;
	if (a.shadow.data)
		explicit_bzero(a.shadow.data, a.shadow.capacity);
	buf_done(&a.shadow);
	buf_done(&a.groups);
	pairs_done(&a.shadow_lines);
	pairs_done(&a.by_id);
	pairs_done(&a.by_member);
	host_done(&a.host);
	return result;
}

static const struct table *const tables[] = { &table_account, &table_account_group, NULL };

const struct module module_account = {
	.name = "account", .help = "local accounts and groups, without password hashes",
	.stage = STAGE_SESSION, .least = PROFILE_QUICK, .tables = tables, .run = account_run,
};
