/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How this host finds names: resolv.conf(5), hosts(5), and the servers of systemd-resolved. An entry
 * in the hosts file that sends an update server or a bank elsewhere is an old trick.
 */
#include <errno.h>

#include "collectors/module.h"

enum { FILE_BYTES = 16 << 20 };

static int emit(struct collection *c, const char *path, const char *kind, struct span value,
                struct span names, struct fail *f)
{
	struct row row = row_on(&table_resolver);

	row_text(&row, RESOLVER_KIND, kind);
	row_span(&row, RESOLVER_VALUE, value);
	if (names.size)
		row_span(&row, RESOLVER_NAMES, names);
	row_text(&row, RESOLVER_PATH, path);
	return c->sink->row(c->sink, &row, f);
}

static int hosts_line(struct collection *c, const char *path, struct span line, struct fail *f)
{
	struct span address = span_word(&line), name;
	struct buf names = { 0 };
	int result;

	while ((name = span_word(&line)).size)
		list_add(&names, name);
	result = names.size ? emit(c, path, "host", address, buf_span(&names), f) : 0;
	buf_done(&names);
	return result;
}

static int resolv_line(struct collection *c, const char *path, struct span line, struct fail *f)
{
	struct span word = span_word(&line), value;
	const char *kind = span_is(word, "nameserver") ? "nameserver" :
	                   span_is(word, "search") || span_is(word, "domain") ? "search" :
	                   span_is(word, "options") ? "option" : NULL;

	while (kind && (value = span_word(&line)).size)
		if (emit(c, path, kind, value, (struct span){ 0 }, f))
			return -1;
	return 0;
}

/* DNS=… and FallbackDNS=…, Domains=… of resolved.conf(5). */
static int resolved_line(struct collection *c, const char *path, struct span line, struct fail *f)
{
	struct span key = span_trim(span_until(&line, '=')), value;
	const char *kind = span_is(key, "DNS") || span_is(key, "FallbackDNS") ? "nameserver" :
	                   span_is(key, "Domains") ? "search" : NULL;

	while (kind && (value = span_word(&line)).size)
		if (emit(c, path, kind, value, (struct span){ 0 }, f))
			return -1;
	return 0;
}

static int resolver_run(struct collection *c, struct fail *f)
{
	static const struct {
		const char *path;
		int (*line)(struct collection *, const char *, struct span, struct fail *);
	} files[] = {
		{ "/etc/resolv.conf", resolv_line }, { "/run/systemd/resolve/resolv.conf", resolv_line },
		{ "/etc/systemd/resolved.conf", resolved_line }, { "/etc/hosts", hosts_line },
	};
	struct buf text = { 0 };
	int result = 0;

	for (size_t i = 0; i < sizeof files / sizeof *files && !result; i++) {
		struct span rest, path = span_of(files[i].path);
		struct fail why;
		bool cut;

		buf_clear(&text);
		if (os_slurp(c->root, path, FILE_BYTES, &text, &cut, &why)) {
			if (why.code != ENOENT)
				result = collection_note(c, path, &why, f);
			continue;
		}
		if (cut) {
			fail_set(&why, "only the first %d MiB were read", FILE_BYTES >> 20);
			result = collection_note(c, path, &why, f);
		}
		rest = buf_span(&text);
		while (!result && rest.size) {
			struct span line = span_until(&rest, '\n');

			line = span_trim(span_part(line, 0, span_find(line, '#')));
			if (line.size && line.data[0] != ';')
				result = files[i].line(c, files[i].path, line, f);
		}
	}
	buf_done(&text);
	return result;
}

static const struct table *const tables[] = { &table_resolver, NULL };

const struct module module_resolver = {
	.name = "resolver", .help = "name servers and the hosts file",
	.stage = STAGE_NETWORK, .flags = 0, .least = PROFILE_QUICK,
	.tables = tables, .run = resolver_run,
};
