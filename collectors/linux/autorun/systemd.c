/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which units there are: directories in the order of systemd.unit(5), names hidden by an earlier
 * directory, links that are aliases or masks, links in *.wants that switch a unit on.
 */
#include "collectors/linux/autorun/systemd.h"

#include "lib/path.h"

static const char *const system_folders[] = {
	"/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
	"/run/systemd/generator.early", "/etc/systemd/system", "/etc/systemd/system.attached",
	"/run/systemd/system", "/run/systemd/system.attached", "/run/systemd/generator",
	"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
	"/run/systemd/generator.late", NULL,
};

static const char *const global_user_folders[] = {
	"/etc/xdg/systemd/user", "/etc/systemd/user", "/run/systemd/user",
	"/usr/local/share/systemd/user", "/usr/share/systemd/user", "/usr/local/lib/systemd/user",
	"/usr/lib/systemd/user", "/lib/systemd/user", NULL,
};

static const char *const home_folders[] = {
	".config/systemd/user.control", ".config/systemd/user", ".local/share/systemd/user", NULL,
};

static bool is_unit(struct span name)
{
	return span_ends(name, ".service") || span_ends(name, ".timer") || span_ends(name, ".socket") ||
	       span_ends(name, ".path");
}

static bool is_activator(struct span name)
{
	return is_unit(name) && !span_ends(name, ".service");
}

static size_t wants_suffix(struct span name)
{
	static const char *const suffixes[] = { ".wants", ".requires", ".upholds" };

	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
		if (span_ends(name, suffixes[i]))
			return strlen(suffixes[i]);
	return 0;
}

bool scope_owns(const struct scope *s, struct span path)
{
	struct span rest = buf_span(&s->folders), folder;

	for (size_t i = 0; i < s->own && list_next(&rest, &folder); i++)
		if (path_below(path, folder))
			return true;
	return false;
}

static int keep_pair(struct scope *s, struct pairs *p, struct span name, struct span path,
					 struct fail *f)
{
	if (++s->names > SYSTEMD_NAMES)
		return s->names > SYSTEMD_NAMES + 1
				   ? 0
				   : host_note(&s->a->host, path, f,
							   "more than %d unit files; the rest is left out", SYSTEMD_NAMES);
	return pairs_add(p, strings_keep(&s->strings, name), strings_keep(&s->strings, path), f);
}

static int load_wants(struct scope *s, struct span folder, struct fail *f)
{
	struct buf names = { 0 }, path = { 0 };
	struct span rest, name;
	int result = host_list(&s->a->host, folder, &names, f);

	rest = buf_span(&names);
	while (result >= 0 && list_next(&rest, &name)) {
		buf_clear(&path);
		path_join(&path, folder, name);
		if (is_unit(name))
			result = keep_pair(s, &s->wants, name, buf_span(&path), f);
	}
	buf_done(&names);
	buf_done(&path);
	return result < 0 ? -1 : 0;
}

/* Whether the same directory has been loaded by another name: /lib is /usr/lib on most hosts. */
static int is_seen(struct scope *s, struct span folder, bool *seen, struct fail *f)
{
	struct file_facts facts;
	int got = host_stat(&s->a->host, folder, true, &facts, NULL, f);

	*seen = got <= 0 || s->seen_count >= SYSTEMD_FOLDERS;
	for (size_t i = 0; !*seen && i < s->seen_count; i++)
		*seen = s->seen[i].device == facts.device && s->seen[i].inode == facts.inode;
	if (!*seen) {
		s->seen[s->seen_count].device = facts.device;
		s->seen[s->seen_count++].inode = facts.inode;
	}
	return got < 0 ? -1 : 0;
}

static int load_folder(struct scope *s, struct span folder, struct fail *f)
{
	struct buf names = { 0 }, path = { 0 };
	struct span rest, name;
	bool seen;
	int result = is_seen(s, folder, &seen, f);

	if (result || seen)
		return result;
	result = host_list(&s->a->host, folder, &names, f);
	rest = buf_span(&names);
	while (result >= 0 && list_next(&rest, &name)) {
		buf_clear(&path);
		path_join(&path, folder, name);
		if (wants_suffix(name))
			result = load_wants(s, buf_span(&path), f);
		else if (span_ends(name, ".d"))
			result =
				keep_pair(s, &s->drop_ins, span_part(name, 0, name.size - 2), buf_span(&path), f);
		else if (is_unit(name))
			result = keep_pair(s, &s->units, name, buf_span(&path), f);
	}
	buf_done(&names);
	buf_done(&path);
	return result < 0 ? -1 : 0;
}

/* ---- which of them count ---- */

/* The absolute path that a link of a unit leads to, as text; empty if the unit is no link. */
static int link_target(struct scope *s, struct span path, struct buf *target, bool *masked,
					   struct fail *f)
{
	struct file_facts facts;
	struct buf link = { 0 }, joined = { 0 };
	int got = host_stat(&s->a->host, path, false, &facts, &link, f);

	buf_clear(target);
	if (got > 0 && facts.kind == 'l') {
		if (!link.size || link.data[0] != '/')
			buf_add(&joined, path_parent(path));
		buf_byte(&joined, '/');
		buf_add(&joined, buf_span(&link));
		path_clean(target, buf_span(&joined));
	}
	*masked =
		span_is(buf_span(target), "/dev/null") || (got > 0 && facts.kind == 'f' && !facts.size);
	buf_done(&link);
	buf_done(&joined);
	return got < 0 ? -1 : 0;
}

static int plain_row(struct scope *s, const struct unit_file *u, const char *trigger, int enabled,
                     struct span target, struct fail *f)
{
	struct autostart row = {
		.kind = span_ends(u->name, ".timer") ? "systemd-timer" : span_ends(u->name, ".socket") ?
		        "systemd-socket" : span_ends(u->name, ".path") ? "systemd-path" : "systemd-service",
		.name = u->name, .path = u->path, .overrides = u->overrides, .trigger = span_of(trigger),
		.user = s->user, .enabled = enabled, .target = target, .no_target = true,
	};

	return autorun_add(s->a, &row, f);
}

/* One name with its files, the one that counts first. */
static int take_unit(struct scope *s, struct span name, struct span path, struct span hidden,
					 struct fail *f)
{
	struct unit_file u = { .name = name, .path = path, .overrides = hidden };
	struct buf target = { 0 };
	struct span base;
	bool masked;
	int result = link_target(s, path, &target, &masked, f);

	base = path_base(buf_span(&target));
	if (target.size)
		u.overrides = buf_span(&target);
	if (result)
		;
	else if (masked)
		result = plain_row(s, &u, "masked", 0, (struct span){ 0 }, f);
	else if (target.size && !span_equal(base, name) && is_unit(base) && scope_find(&s->units, base))
		result = plain_row(s, &u, "alias", unit_is_wanted(s, base), (struct span){ 0 }, f);
	else
		result = unit_rows(s, &u, f);
	buf_done(&target);
	return result;
}

/* A name in *.wants without a file: an instance of a template, or nothing that systemd knows. */
static int take_wanted(struct scope *s, const struct pair *want, struct fail *f)
{
	struct unit_file u = { .name = want->key, .path = want->value };
	const struct pair *template = NULL;
	struct buf other = { 0 };
	bool masked;
	int result = 0;

	if (unit_template(want->key, &other))
		template = scope_find(&s->units, buf_span(&other));
	if (template) {
		result = take_unit(s, want->key, template->value, (struct span){ 0 }, f);
	} else {
		buf_clear(&other);
		result = link_target(s, want->value, &other, &masked, f);
		u.overrides = buf_span(&other);
		if (!result)
			result = plain_row(s, &u, "wanted, but there is no such unit", 1, buf_span(&other), f);
	}
	buf_done(&other);
	return result;
}

/* Whether anything of this scope's own makes the unit count here. */
static bool is_ours(const struct scope *s, struct span name, struct span path)
{
	if (scope_owns(s, path))
		return true;
	for (size_t i = pairs_find(&s->wants, name); i < s->wants.count &&
	     span_equal(s->wants.items[i].key, name); i++)
		if (scope_owns(s, s->wants.items[i].value))
			return true;
	for (size_t i = pairs_find(&s->drop_ins, name); i < s->drop_ins.count &&
	     span_equal(s->drop_ins.items[i].key, name); i++)
		if (scope_owns(s, s->drop_ins.items[i].value))
			return true;
	return false;
}

/* An alias in /etc or /run switches its unit on. */
static int note_aliases(struct scope *s, struct fail *f)
{
	struct buf target = { 0 };
	bool masked;
	int result = 0;

	for (size_t i = 0; !result && i < s->units.count; i++) {
		struct pair *unit = &s->units.items[i];
		struct span base;

		if (span_starts(unit->value, "/usr/") || span_starts(unit->value, "/lib/"))
			continue;
		result = link_target(s, unit->value, &target, &masked, f);
		base = path_base(buf_span(&target));
		if (!result && !masked && target.size && !span_equal(base, unit->key))
			result = pairs_add(&s->started, strings_keep(&s->strings, base), unit->key, f);
	}
	pairs_sort(&s->started);
	buf_done(&target);
	return result;
}

/* Units of one pass: first what starts others, then the services. */
static int take_units(struct scope *s, bool activators, struct fail *f)
{
	const struct pairs *units = &s->units, *wants = &s->wants;
	int result = 0;

	for (size_t i = 0, next; !result && i < units->count && !collection_stopped(s->a->host.c);
		 i = next) {
		struct span name = units->items[i].key, hidden = { 0 };

		for (next = i + 1; next < units->count && span_equal(units->items[next].key, name); next++)
			;
		if (next > i + 1)
			hidden = units->items[i + 1].value;
		if (is_activator(name) == activators && is_ours(s, name, units->items[i].value))
			result = take_unit(s, name, units->items[i].value, hidden, f);
	}
	for (size_t i = 0; !result && i < wants->count && !collection_stopped(s->a->host.c); i++) {
		struct span name = wants->items[i].key;
		bool first = !i || !span_equal(wants->items[i - 1].key, name);

		if (first && is_activator(name) == activators && !scope_find(units, name) &&
		    is_ours(s, name, wants->items[i].value))
			result = take_wanted(s, &wants->items[i], f);
	}
	return result;
}

/* Loads the folders and gives all rows; leaves the scope empty. */
static int run_scope(struct scope *s, struct fail *f)
{
	struct span rest = buf_span(&s->folders), folder;
	int result = s->folders.bad ? fail_set(f, "out of memory") : 0;

	while (!result && list_next(&rest, &folder))
		result = load_folder(s, folder, f);
	pairs_sort(&s->units);
	pairs_sort(&s->wants);
	pairs_sort(&s->drop_ins);
	if (!result)
		result = note_aliases(s, f);
	if (!result)
		result = take_units(s, true, f);
	pairs_sort(&s->started);
	if (!result)
		result = take_units(s, false, f);
	pairs_done(&s->units);
	pairs_done(&s->wants);
	pairs_done(&s->drop_ins);
	pairs_done(&s->started);
	strings_done(&s->strings);
	buf_done(&s->folders);
	return result;
}

static void add_folders(struct scope *s, struct span below, const char *const *folders)
{
	struct buf path = { 0 };

	for (; *folders; folders++) {
		buf_clear(&path);
		if (below.size)
			path_join(&path, below, span_of(*folders));
		else
			buf_text(&path, *folders);
		list_add(&s->folders, buf_span(&path));
		s->own++;
	}
	buf_done(&path);
}

/* The units of one user, if the home or the run time directory has any. */
static int run_user(struct autoruns *a, const struct passwd *user, struct fail *f)
{
	struct scope s = { .a = a, .user = user->name, .home = user->home };
	struct span rest, folder;
	struct file_facts facts;
	bool any = false;
	size_t own;

	add_folders(&s, user->home, home_folders);
	if (user->uid_number >= 0) {
		static const char *const run[] = { "user.control", "transient", "generator.early", "user",
		                                   "generator", "generator.late" };

		for (size_t i = 0; i < sizeof run / sizeof *run; i++) {
			buf_printf(&s.folders, "/run/user/%lld/systemd/%s", (long long)user->uid_number,
					   run[i]);
			buf_byte(&s.folders, 0);
			s.own++;
		}
	}
	rest = buf_span(&s.folders);
	while (list_next(&rest, &folder)) {
		int got = host_stat(&a->host, folder, true, &facts, NULL, f);

		if (got < 0) {
			buf_done(&s.folders);
			return -1;
		}
		any |= got && facts.kind == 'd';
	}
	if (!any) {
		buf_done(&s.folders);
		return 0;
	}
	own = s.own;
	add_folders(&s, (struct span){ 0 }, global_user_folders);
	s.own = own;
	return run_scope(&s, f);
}

int autorun_systemd(struct autoruns *a, struct fail *f)
{
	struct scope system = { .a = a }, global = { .a = a, .user = span_of("*") };
	struct host *h = &a->host;
	int result;

	add_folders(&system, (struct span){ 0 }, system_folders);
	result = run_scope(&system, f);
	if (!result) {
		add_folders(&global, (struct span){ 0 }, global_user_folders);
		result = run_scope(&global, f);
	}
	for (size_t i = 0; !result && i < h->user_count && !collection_stopped(h->c); i++)
		if (h->users[i].home.size > 1 && h->users[i].home.data[0] == '/' &&
		    host_first_at_home(h, i))
			result = run_user(a, &h->users[i], f);
	return result;
}
