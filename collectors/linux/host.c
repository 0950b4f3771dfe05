/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/host.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "lib/path.h"

int host_note(struct host *h, struct span item, struct fail *f, const char *english, ...)
{
	struct fail why = { 0 };
	va_list arguments;

	va_start(arguments, english);
	fail_vset(&why, english, arguments);
	va_end(arguments);
	return collection_note(h->c, item, &why, f);
}

bool host_may_touch(const struct host *h, struct span path)
{
	const struct mount *mount = h->mounts ? mounts_of(h->mounts, path) : NULL;

	return !mount || h->c->remote || mount->policy != MOUNT_NETWORK;
}

/* 1 to go on, 0 with a note where the path may not be touched. */
static int may_touch(struct host *h, struct span path, struct fail *f)
{
	if (host_may_touch(h, path))
		return 1;
	return host_note(h, path, f, "on a network or FUSE mount, left out") ? -1 : 0;
}

/* What a failed question means: nothing is there (silent), or a note. */
static int missing(struct host *h, struct span path, const struct fail *why, struct fail *f)
{
	if (why->code == ENOENT || why->code == ENOTDIR)
		return 0;
	return collection_note(h->c, path, why, f) ? -1 : 0;
}

int host_stat(struct host *h, struct span path, bool follow, struct file_facts *facts,
              struct buf *link, struct fail *f)
{
	struct fail why = { 0 };
	int may = may_touch(h, path, f);

	if (link)
		buf_clear(link);
	if (may <= 0)
		return may;
	if (os_stat(h->c->root, path, follow, facts, link, &why))
		return missing(h, path, &why, f);
	return 1;
}

int host_list(struct host *h, struct span path, struct buf *names, struct fail *f)
{
	struct fail why = { 0 };
	int may = may_touch(h, path, f);

	buf_clear(names);
	if (may <= 0)
		return may;
	if (os_list(h->c->root, path, names, &why))
		return missing(h, path, &why, f);
	return 1;
}

int host_slurp(struct host *h, struct span path, struct buf *out, struct fail *f)
{
	struct fail why = { 0 };
	bool cut = false;
	int may = may_touch(h, path, f);

	buf_clear(out);
	if (may <= 0)
		return may;
	if (os_slurp(h->c->root, path, HOST_FILE_BYTES, out, &cut, &why))
		return missing(h, path, &why, f);
	if (cut && host_note(h, path, f, "longer than %d MiB; the rest is left out",
	                     HOST_FILE_BYTES >> 20))
		return -1;
	return 1;
}

static int64_t id_of(struct span text)
{
	int64_t id;

	return span_number(text, &id) && id >= 0 && id < UINT32_MAX ? id : -1;
}

struct passwd passwd_parse(struct span line)
{
	struct passwd p = { .size = line.size };
	struct span *const fields[] = {
		&p.name, &p.password, &p.uid, &p.gid, &p.full_name, &p.home, &p.shell,
	};
	size_t colons = 0;

	line = span_part(line, 0, PASSWD_LINE);
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		colons += line.size && span_find(line, ':') < line.size;
		*fields[i] = span_until(&line, ':');
	}
	p.uid_number = id_of(p.uid);
	p.gid_number = id_of(p.gid);
	p.whole = colons == 6 && p.name.size && p.uid_number >= 0 && p.gid_number >= 0;
	return p;
}

static int add_user(struct host *h, size_t *capacity, const struct passwd *user, struct fail *f)
{
	if (h->user_count == *capacity) {
		size_t more = *capacity ? *capacity * 2 : 64;
		struct passwd *grown = realloc(h->users, more * sizeof *grown);

		if (!grown)
			return fail_set(f, "out of memory");
		h->users = grown;
		*capacity = more;
	}
	h->users[h->user_count++] = *user;
	return 0;
}

static bool has_home(const struct host *h, struct span home)
{
	for (size_t i = 0; i < h->user_count; i++)
		if (span_equal(h->users[i].home, home))
			return true;
	return false;
}

/* Appends "home NUL home NUL …" of what lies below /home, and /root. */
static int list_homes(struct host *h, struct fail *f)
{
	struct buf names = { 0 };
	struct span rest, name;
	int got = host_list(h, span_of("/home"), &names, f);

	list_add(&h->text, span_of("/root"));
	rest = buf_span(&names);
	while (list_next(&rest, &name)) {
		buf_text(&h->text, "/home/");
		list_add(&h->text, name);
	}
	buf_done(&names);
	return got < 0 ? -1 : h->text.bad ? fail_set(f, "out of memory") : 0;
}

static int load_users(struct host *h, struct fail *f)
{
	struct span path = span_of("/etc/passwd"), lines, rest, home;
	struct buf passwd = { 0 };
	size_t capacity = 0, size;
	int result = 0;

	if (host_slurp(h, path, &passwd, f) < 0)
		return -1;
	buf_add(&h->text, buf_span(&passwd));
	size = h->text.size;
	buf_done(&passwd);
	if (list_homes(h, f))
		return -1;
	lines = span_part(buf_span(&h->text), 0, size);
	rest = span_part(buf_span(&h->text), size, h->text.size);
	for (size_t i = 1; !result && lines.size && h->user_count < HOST_USERS; i++) {
		struct span line = span_until(&lines, '\n');
		struct passwd user = passwd_parse(line);

		user.line = i;
		if (line.size)
			result = add_user(h, &capacity, &user, f);
	}
	h->account_count = h->user_count;
	while (!result && h->user_count < HOST_USERS && list_next(&rest, &home)) {
		struct passwd user = { .name = path_base(home), .home = home,
		                       .uid_number = -1, .gid_number = -1 };

		if (!has_home(h, home))
			result = add_user(h, &capacity, &user, f);
	}
	if (!result && h->user_count == HOST_USERS)
		result = host_note(h, path, f, "more than %d accounts; the rest is left out", HOST_USERS);
	return result;
}

int host_open(struct host *h, struct collection *c, struct fail *f)
{
	struct fail why = { 0 };

	*h = (struct host){ .c = c };
	if (mounts_read(&h->mounts, c->root, &why) &&
	    collection_note(c, span_of("/proc/self/mountinfo"), &why, f))
		return -1;
	if (load_users(h, f)) {
		host_done(h);
		return -1;
	}
	return 0;
}

void host_done(struct host *h)
{
	mounts_close(h->mounts);
	free(h->users);
	buf_done(&h->text);
	*h = (struct host){ 0 };
}

const struct passwd *host_user_named(const struct host *h, struct span name)
{
	for (size_t i = 0; i < h->account_count; i++)
		if (span_equal(h->users[i].name, name))
			return &h->users[i];
	return NULL;
}

const struct passwd *host_user_with(const struct host *h, int64_t uid)
{
	for (size_t i = 0; i < h->account_count; i++)
		if (uid >= 0 && h->users[i].uid_number == uid)
			return &h->users[i];
	return NULL;
}

bool host_first_at_home(const struct host *h, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (span_equal(h->users[j].home, h->users[i].home))
			return false;
	return true;
}

void row_file_time(struct row *r, int column, const struct file_time *time, char raw[40])
{
	if (time->set)
		row_time_of(r, column, time->seconds, time->nanoseconds, raw);
}
