/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "lib/path.h"
#include "lib/text.h"
#include "triage/commands.h"
#include "triage/evidence.h"
#include "triage/extract.h"

struct extract_options { struct buf archives; const char *out, *identity, *lang; };

/* Standard output as a sink of bytes. On a terminal they are shown harmless. */
struct screen { struct output output; bool terminal; };

static int screen_write(struct output *o, struct span bytes, struct fail *f)
{
	struct screen *screen = (struct screen *)o;
	struct buf shown = { 0 };
	bool ok;

	while (screen->terminal && bytes.size) {
		size_t size = span_find(bytes, '\n');

		text_terminal(&shown, span_part(bytes, 0, size));
		if (size < bytes.size)
			buf_byte(&shown, '\n');
		bytes = span_part(bytes, size + (size < bytes.size), bytes.size);
	}
	if (screen->terminal)
		bytes = buf_span(&shown);
	ok = fwrite(bytes.data, 1, bytes.size, stdout) == bytes.size && fflush(stdout) == 0;
	if (!ok)
		fail_errno(f, errno, "cannot write '%s'", "stdout");
	buf_done(&shown);
	return ok ? 0 : -1;
}

static void proof_line(FILE *to, enum lang lang, const char *label, struct span value)
{
	struct buf shown = { 0 };

	text_terminal(&shown, value);
	fprintf(to, "%s %s\n", msg(lang, label), buf_string(&shown));
	buf_done(&shown);
}

static void print_proof(FILE *to, const struct extract_place *p, int64_t size, enum lang lang)
{
	struct buf signer = { 0 };

	buf_add(&signer, buf_span(&p->signer));
	buf_printf(&signer, " (%s)", msg(lang, buf_string((struct buf *)&p->signature)));
	proof_line(to, lang, "archive:", buf_span(&p->archive_name));
	proof_line(to, lang, "archive SHA-256:", buf_span(&p->archive_sha256));
	proof_line(to, lang, "entry:", buf_span(&p->entry_name));
	if (p->path.size)
		proof_line(to, lang, "path on the host:", buf_span(&p->path));
	proof_line(to, lang, "entry SHA-256, as signed:", buf_span(&p->entry_sha256));
	fprintf(to, msg(lang, "bytes: %" PRId64 " from offset %" PRId64 "%s\n"), size, p->offset,
	        p->gzip ? msg(lang, " of the unpacked contents") : "");
	fprintf(to, msg(lang, "signed in segment: %" PRId64 "\n"), p->segment);
	proof_line(to, lang, "signed by:", buf_span(&signer));
	buf_done(&signer);
}

/* Tries one archive; what extract_read gives, and 0 where it cannot be opened or is another one. */
static int try_archive(const char *path, const struct age_identities *identities,
                       const struct extract_place *place, struct spool *spool, struct fail *f)
{
	struct evidence evidence;
	int result;

	if (evidence_open(&evidence, path, identities, f))
		return 0;
	result = extract_read(evidence.source, place, spool, f);
	evidence_close(&evidence);
	return result;
}

/* The archives that were named, or else the one beside the case file or here. */
static int find_archive(const struct extract_options *o, const char *case_path,
                        const struct extract_place *place, struct spool *spool, struct fail *f)
{
	struct age_identities *identities = NULL;
	struct buf candidates = { 0 };
	struct span rest, path;
	int found = 0;

	if (o->archives.size) {
		buf_add(&candidates, buf_span(&o->archives));
	} else {
		struct span directory = path_parent(span_of(case_path));
		struct span name = path_base(buf_span(&place->archive_name));

		path_join(&candidates, directory.size ? directory : span_of("."), name);
		buf_byte(&candidates, 0);
		list_add(&candidates, name);
	}
	if (evidence_identities(&identities, o->identity, f)) {
		buf_done(&candidates);
		return -1;
	}
	rest = buf_span(&candidates);
	while (!found && list_next(&rest, &path))
		found = try_archive((const char *)path.data, identities, place, spool, f);
	age_identities_close(identities);
	buf_done(&candidates);
	if (found)
		return found < 0 ? -1 : 0;
	return fail_set(f, "the archive with the SHA-256 %.*s was not found; name it with --archive",
	                (int)place->archive_sha256.size, (const char *)place->archive_sha256.data);
}

static int write_out(const struct extract_options *o, const struct extract_place *place,
                     struct spool *spool, int64_t *size, struct fail *f)
{
	struct screen screen = { .output = { .write = screen_write }, .terminal = os_is_terminal(1) };
	struct output *file = NULL;
	int result;

	if (!o->out)
		return extract_write(place, spool, &screen.output, size, f);
	if (os_output_open(&file, o->out, f))
		return -1;
	result = extract_write(place, spool, file, size, f) || file->end(file, f) ||
	         os_output_keep(file, f) ? -1 : 0;
	file->close(file);
	return result;
}

int cmd_extract(int argc, char **argv, enum lang lang)
{
	struct extract_options o = { 0 };
	const struct option_row options[] = {
		{ "archive", OPT_LIST, "FILE", "where the archive is, if not beside the case file; may be repeated",
		  &o.archives },
		{ "out", OPT_TEXT, "FILE", "a new file for the bytes, instead of standard output", &o.out },
		{ "i", OPT_TEXT, "FILE", "age identity for encrypted archives", &o.identity },
		{ "lang", OPT_TEXT, "ja|en", "language of messages", &o.lang },
		{ NULL, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct command_line line = {
		"kake-triage extract CASE.db TABLE:ROW",
		"Gives the original bytes behind a row, after checking again that they are as signed.", options, 2, 2,
	};
	struct extract_place place = { 0 };
	struct store *s = NULL;
	struct spool *spool = NULL;
	struct fail f = { 0 };
	int64_t size = 0;
	int operands, result = command_line_read(&line, argc, argv, lang, &operands);

	if (result)
		return result > 0 ? EXIT_COMPLETE : EXIT_FAILED;
	result = store_open_read(&s, argv[2], &f) || extract_find(s, argv[3], &place, &f) ||
	         spool_open(&spool, &f) || find_archive(&o, argv[2], &place, spool, &f) ||
	         write_out(&o, &place, spool, &size, &f);
	if (!result)
		print_proof(o.out ? stdout : stderr, &place, size, lang);
	spool_close(spool);
	store_close(s);
	extract_done(&place);
	buf_done(&o.archives);
	return result ? command_failed(&f, lang) : EXIT_COMPLETE;
}
