/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/autorun/autorun.h"

#include "collectors/packages.h"
#include "lib/path.h"

/* Stats the defining file, which has many rows in turn. */
static int learn_file(struct autoruns *a, struct span path, struct fail *f)
{
	int got;

	if (a->facts_path.size && span_equal(buf_span(&a->facts_path), path))
		return 0;
	buf_clear(&a->facts_path);
	buf_add(&a->facts_path, path);
	got = host_stat(&a->host, path, false, &a->facts, NULL, f);
	a->has_facts = got > 0;
	return got < 0 ? -1 : 0;
}

static void put_target(struct row *row, const struct target *t)
{
	row_span(row, AUTORUN_TARGET, t->path);
	row_bool(row, AUTORUN_TARGET_EXISTS, t->exists);
	if (t->has_digest)
		row_span(row, AUTORUN_SHA256, (struct span){ t->sha256, SHA256_SIZE });
	if (t->exists) {
		row_int(row, AUTORUN_TARGET_OWNER, t->uid);
		row_int(row, AUTORUN_TARGET_MODE, t->mode);
	}
	row_text(row, AUTORUN_TARGET_PACKAGE, t->package);
}

static void put_text(struct row *row, int column, struct span text)
{
	if (text.size)
		row_span(row, column, text);
}

/* Puts what is known of the defining file. */
static int put_file(struct autoruns *a, struct row *row, struct span path, char raw[3][40],
                    struct fail *f)
{
	if (learn_file(a, path, f))
		return -1;
	row_bool(row, AUTORUN_PACKAGED, a->packages != NULL);
	if (a->packages)
		row_text(row, AUTORUN_PACKAGE, packages_owner(a->packages, path));
	if (!a->has_facts)
		return 0;
	row_file_time(row, AUTORUN_MODIFIED, &a->facts.modified, raw[0]);
	row_file_time(row, AUTORUN_CHANGED, &a->facts.changed, raw[1]);
	row_file_time(row, AUTORUN_BORN, &a->facts.born, raw[2]);
	return 0;
}

int autorun_add(struct autoruns *a, const struct autostart *s, struct fail *f)
{
	struct row row = row_on(&table_autorun);
	const struct target *target = NULL;
	struct span wanted = s->target;
	struct buf path = { 0 };
	char raw[3][40];
	int result = 0;

	if (!wanted.size && !s->no_target && s->command.size) {
		result = autorun_target(a, s, &path, f);
		wanted = buf_span(&path);
	}
	if (!result && wanted.size)
		result = targets_find(a, wanted, &target, f);
	if (!result && target)
		put_target(&row, target);
	row_text(&row, AUTORUN_KIND, s->kind);
	put_text(&row, AUTORUN_NAME, s->name.size ? s->name : path_base(s->path));
	row_span(&row, AUTORUN_PATH, s->path);
	if (s->line)
		row_int(&row, AUTORUN_LINE, (int64_t)s->line);
	put_text(&row, AUTORUN_USER, s->user);
	put_text(&row, AUTORUN_TRIGGER, s->trigger);
	put_text(&row, AUTORUN_COMMAND, span_part(s->command, 0, AUTORUN_COMMAND_BYTES));
	if (s->enabled >= 0)
		row_bool(&row, AUTORUN_ENABLED, s->enabled);
	put_text(&row, AUTORUN_OVERRIDES, s->overrides);
	if (!result)
		result = put_file(a, &row, s->path, raw, f);
	if (!result && s->command.size > AUTORUN_COMMAND_BYTES)
		result = host_note(&a->host, s->path, f, "line %zu is longer than %d bytes; it is cut",
						   s->line, AUTORUN_COMMAND_BYTES);
	if (!result)
		result = a->host.c->sink->row(a->host.c->sink, &row, f);
	buf_done(&path);
	return result;
}

struct autostart autorun_of(const struct found *file)
{
	return (struct autostart){
		.kind = file->place->kind, .path = file->path, .enabled = 1, .home = file->home,
		.user = file->place->user ? span_of(file->place->user) : file->user,
		.trigger = span_of(file->place->trigger), .overrides = file->link,
	};
}

/* What a file is that is not read: a row that says so much, and a note. */
static int add_unread(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);

	if (span_is(file->link, "/dev/null")) {
		s.enabled = 0;
		return autorun_add(a, &s, f);
	}
	s.enabled = AUTORUN_ENABLED_UNKNOWN;
	if (autorun_add(a, &s, f))
		return -1;
	if (!file->facts)
		return 0;                /* a link that leads nowhere, for now */
	return host_note(&a->host, file->path, f, "not a regular file");
}

static int take_file(struct autoruns *a, struct found *file, struct fail *f)
{
	struct file_facts facts;
	struct buf link = { 0 }, text = { 0 };
	int got = host_stat(&a->host, file->path, false, &facts, &link, f), result = 0;

	file->link = file->text = (struct span){ 0 };
	file->facts = NULL;
	if (got > 0 && facts.kind == 'l') {
		file->link = buf_span(&link);
		got = host_stat(&a->host, file->path, true, &facts, NULL, f);
		if (!got)
			result = add_unread(a, file, f);
	}
	file->facts = &facts;
	file->name = path_base(file->path);
	if (got > 0 && facts.kind != 'f' && !(facts.kind == 'd' && file->place->flags & READ_FOLDER)) {
		result = facts.kind == 'd' ? 0 : add_unread(a, file, f);
	} else if (got > 0) {
		if (file->place->flags & READ_TEXT && facts.kind == 'f')
			got = host_slurp(&a->host, file->path, &text, f);
		file->text = buf_span(&text);
		if (got > 0)
			result = file->place->read(a, file, f);
	}
	buf_done(&link);
	buf_done(&text);
	return got < 0 ? -1 : result;
}

/*
 * Whether the directory has been read by this reader under another name: on some hosts /etc/init.d
 * is /etc/rc.d/init.d. Homes are told apart by their users.
 */
static int is_seen(struct autoruns *a, const struct found *file, struct span folder,
				   struct span part, bool *seen, struct fail *f)
{
	struct file_facts facts;
	int got = host_stat(&a->host, folder, true, &facts, NULL, f);

	*seen = got <= 0;
	for (size_t i = 0; !*seen && i < a->seen_count; i++)
		*seen = a->seen[i].device == facts.device && a->seen[i].inode == facts.inode &&
		        a->seen[i].read == file->place->read && span_equal(a->seen[i].part, part);
	if (!*seen && !file->home.size && a->seen_count < AUTORUN_SEEN)
		a->seen[a->seen_count++] = (struct seen_folder){ facts.device, facts.inode,
		                                                 file->place->read, part };
	return got < 0 ? -1 : 0;
}

/* Finds the files below `folder` that match the rest of the pattern, and takes each. */
static int expand(struct autoruns *a, struct found *file, struct span folder, struct span pattern,
                  size_t *files, struct fail *f)
{
	struct buf names = { 0 }, path = { 0 };
	struct span part, rest, name;
	bool seen;
	int got;

	while (pattern.size && pattern.data[0] == '/')
		pattern = span_part(pattern, 1, pattern.size);
	part = span_until(&pattern, '/');
	if (span_find(part, '*') == part.size && span_find(part, '?') == part.size) {
		path_join(&path, folder, part);
		file->path = buf_span(&path);
		got = pattern.size ? expand(a, file, buf_span(&path), pattern, files, f) :
		                     take_file(a, file, f);
		buf_done(&path);
		return got;
	}
	got = is_seen(a, file, folder, part, &seen, f);
	if (got || (seen && !pattern.size))
		return got;
	got = host_list(&a->host, folder, &names, f);
	rest = buf_span(&names);
	while (got >= 0 && list_next(&rest, &name) && !collection_stopped(a->host.c)) {
		if (!path_match(part, name))
			continue;
		if (++*files > AUTORUN_FILES) {
			got = host_note(&a->host, folder, f, "more than %d files; the rest is left out",
			                AUTORUN_FILES);
			break;
		}
		buf_clear(&path);
		path_join(&path, folder, name);
		file->path = buf_span(&path);
		got = pattern.size ? expand(a, file, buf_span(&path), pattern, files, f) :
		                     take_file(a, file, f);
	}
	buf_done(&names);
	buf_done(&path);
	return got < 0 ? -1 : 0;
}

static int take_place(struct autoruns *a, const struct place *place, const struct passwd *user,
                      struct fail *f)
{
	struct span folder = user ? user->home : span_of("/"), pattern = span_of(place->pattern);
	struct found file = { .place = place };
	struct buf clean = { 0 };
	size_t files = 0;
	int result;

	if (user) {
		file.user = user->name;
		file.home = user->home;
		pattern = span_part(pattern, 2, pattern.size);
	}
	path_clean(&clean, folder);
	result = expand(a, &file, buf_span(&clean), pattern, &files, f);
	/* Where /usr is not merged, half of it lies in /lib. */
	if (!result && a->split_lib && span_starts(pattern, "/usr/lib/"))
		result = expand(a, &file, span_of("/"), span_part(pattern, 4, pattern.size), &files, f);
	buf_done(&clean);
	return result;
}

static int take_homes(struct autoruns *a, struct fail *f)
{
	struct host *h = &a->host;
	struct file_facts facts;
	int result = 0;

	for (size_t i = 0; i < h->user_count && !result && !collection_stopped(h->c); i++) {
		int got;

		if (!h->users[i].home.size || h->users[i].home.data[0] != '/')
			continue;
		got = host_stat(h, h->users[i].home, true, &facts, NULL, f);
		if (got < 0)
			return -1;
		got = got && host_first_at_home(h, i);
		for (const struct place *p = autorun_places; got && p->kind && !result; p++)
			if (p->pattern[0] == '~')
				result = take_place(a, p, &h->users[i], f);
	}
	return result;
}

static int take_places(struct autoruns *a, struct fail *f)
{
	int64_t total = 0, done = 0;
	struct file_facts facts;
	int got = host_stat(&a->host, span_of("/lib"), false, &facts, NULL, f);

	a->split_lib = got > 0 && facts.kind == 'd';
	for (const struct place *p = autorun_places; p->kind; p++)
		total++;
	for (const struct place *p = autorun_places;
	     got >= 0 && p->kind && !collection_stopped(a->host.c); p++) {
		if (a->host.c->progress)
			a->host.c->progress(a->host.c, span_of(p->kind), done++, total);
		if (p->pattern[0] != '~' && take_place(a, p, NULL, f))
			return -1;
	}
	return got < 0 ? -1 : take_homes(a, f);
}

static int autorun_run(struct collection *c, struct fail *f)
{
	struct autoruns a = { 0 };
	struct packages *own = NULL;
	int result;

	if (host_open(&a.host, c, f))
		return -1;
	result = targets_open(&a.targets, f);
	if (!result && !c->packages)
		result = packages_open(&own, c->root, f);
	a.packages = c->packages ? c->packages : own;
	if (a.packages && !packages_known(a.packages))
		a.packages = NULL;
	if (!result && a.packages && packages_incomplete(a.packages))
		result = collection_note(c, span_of("packages"), packages_incomplete(a.packages), f);
	if (!result)
		result = take_places(&a, f);
	if (!result)
		result = autorun_systemd(&a, f);
	targets_close(a.targets);
	packages_close(own);
	buf_done(&a.facts_path);
	buf_done(&a.modules);
	buf_done(&a.pam_folders);
	host_done(&a.host);
	return result;
}

static const struct table *const tables[] = { &table_autorun, NULL };

const struct module module_autorun = {
	.name = "autorun", .help = "everything that starts by itself, with the files it names",
	.stage = STAGE_AUTORUN, .least = PROFILE_QUICK, .tables = tables, .run = autorun_run,
};
