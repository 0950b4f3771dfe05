/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/commands.h"

#include <stdio.h>

#include "lib/json.h"
#include "lib/text.h"
#include "triage/evidence.h"

enum { CODE_DIGITS = 24, PEM_MOST = 4 << 20, SHOWN_PROBLEMS = 1000 };

/* What is asked for, and the archive that is being read. */
struct verify {
	enum lang lang;
	const char *ca, *code, *identity;
	bool json;
	struct trust *trust;
	struct age_identities *identities;
	char digits[CODE_DIGITS + 1];       /* of the code that was given */
	struct buf problems;                /* of this archive: lines, or JSON objects with commas */
	int64_t problem_count, first_cut;
	bool altered;                       /* something else than a cut */
};

static const char *const kinds[] = {
	[PACK_ALTERED] = "altered", [PACK_MISSING] = "missing", [PACK_ADDED] = "added",
	[PACK_REORDERED] = "reordered", [PACK_CHAIN] = "chain", [PACK_SIGNATURE] = "signature",
	[PACK_MALFORMED] = "malformed", [PACK_CUT] = "cut", [PACK_UNTRUSTED] = "untrusted",
	[PACK_CODE_DIFFERS] = "code differs",
};

static int on_problem(void *context, enum pack_problem kind, struct span item, const struct fail *why,
                      struct fail *f)
{
	struct verify *v = context;
	struct json j;

	(void)f;
	v->altered |= kind != PACK_CUT;
	if (++v->problem_count > SHOWN_PROBLEMS)
		return 0;
	if (v->json) {
		if (v->problem_count > 1)
			buf_byte(&v->problems, ',');
		j = json_begin(&v->problems);
		json_word(&j, "kind", kinds[kind]);
		json_text(&j, "item", item);
		json_text(&j, "text", span_of(why->text[LANG_EN]));
		json_text(&j, "text_ja", span_of(why->text[LANG_JA]));
		json_end(&j);
		return 0;
	}
	buf_printf(&v->problems, "  %s: ", msg(v->lang, kinds[kind]));
	text_terminal(&v->problems, item);
	buf_printf(&v->problems, "%s%s\n", item.size ? ": " : "", why->text[v->lang]);
	return 0;
}

static int check_code(struct verify *v, const struct pack_verdict *verdict, struct fail *f)
{
	char digits[CODE_DIGITS + 1];
	size_t count = 0;
	struct fail why;

	if (!v->code)
		return 0;
	for (const char *c = verdict->code; *c; c++)
		if (*c != ' ' && count < CODE_DIGITS)
			digits[count++] = *c;
	digits[count] = 0;
	if (verdict->complete && strcmp(digits, v->digits) == 0)
		return 0;
	fail_set(&why, "the read-back code of this archive is another one: it is not the archive that was "
	         "made then, or not all of it");
	return on_problem(v, PACK_CODE_DIFFERS, span_of(verdict->code), &why, f);
}

static void add_hex_line(struct buf *out, enum lang lang, const char *label, const uint8_t *digest)
{
	buf_text(out, msg(lang, label));
	buf_hex(out, (struct span){ digest, SHA256_SIZE });
	buf_byte(out, '\n');
}

/* The last lines of an archive's part: who signed, digests, code, and what to bear in mind. */
static void add_signer(struct verify *v, const struct pack_verdict *verdict, struct buf *out)
{
	if (!verdict->segments)
		return;
	buf_text(out, msg(v->lang, "  signed by: "));
	text_terminal(out, span_of(verdict->signer));
	buf_byte(out, '\n');
	add_hex_line(out, v->lang, "  certificate SHA-256: ", verdict->signer_sha256);
	add_hex_line(out, v->lang, "  archive SHA-256: ", verdict->archive_sha256);
	if (verdict->complete)
		buf_printf(out, msg(v->lang, "  read-back code: %s%s\n"), verdict->code,
		           v->code && !v->altered ? msg(v->lang, " (as given)") : "");
	if (verdict->throwaway && !verdict->trusted)
		buf_text(out, msg(v->lang, "  note: the key was made for this one collection; no authority "
		                           "vouches for it. Compare the read-back code with the paper record\n"));
	else if (!v->trust)
		buf_text(out, msg(v->lang, "  note: who signed was not checked against an authority (--ca)\n"));
}

static void print_text(struct verify *v, const char *path, const struct pack_verdict *verdict,
                       const struct fail *why)
{
	struct buf out = { 0 };

	text_terminal(&out, span_of(path));
	if (!v->problem_count && !why)
		buf_text(&out, msg(v->lang, ": whole and signed\n"));
	else if (v->problem_count && !v->altered)
		buf_text(&out, msg(v->lang, ": CUT, not complete\n"));
	else
		buf_text(&out, msg(v->lang, ": REFUSED\n"));
	buf_add(&out, buf_span(&v->problems));
	if (v->problem_count > SHOWN_PROBLEMS)
		buf_printf(&out, msg(v->lang, "  … and %lld more\n"),
		           (long long)(v->problem_count - SHOWN_PROBLEMS));
	if (why && !v->problem_count)
		buf_printf(&out, "  %s\n", why->text[v->lang]);
	buf_printf(&out, msg(v->lang, "  signed and unchanged: %lld entries with %lld bytes, %lld segments\n"),
	           (long long)verdict->entries, (long long)verdict->bytes, (long long)verdict->segments);
	if (verdict->unsigned_entries)
		buf_printf(&out, msg(v->lang, "  without a signature: %lld entries at the end\n"),
		           (long long)verdict->unsigned_entries);
	add_signer(v, verdict, &out);
	fwrite(out.data, 1, out.size, stdout);
	buf_done(&out);
}

static void print_json(struct verify *v, const char *path, const struct pack_verdict *verdict,
                       const struct fail *why)
{
	struct buf out = { 0 }, list = { 0 };
	struct json j = json_begin(&out);

	json_text(&j, "archive", span_of(path));
	json_word(&j, "state", v->altered || (why && !v->problem_count) ? "refused" :
	                       v->problem_count ? "cut" : "whole");
	json_bool(&j, "complete", verdict->complete);
	json_bool(&j, "sound", verdict->sound && !v->problem_count);
	json_bool(&j, "throwaway_key", verdict->throwaway);
	json_bool(&j, "trusted", verdict->trusted);
	json_int(&j, "entries", verdict->entries);
	json_int(&j, "bytes", verdict->bytes);
	json_int(&j, "segments", verdict->segments);
	json_int(&j, "unsigned_entries", verdict->unsigned_entries);
	json_text(&j, "signer", span_of(verdict->signer));
	json_hex(&j, "signer_sha256", (struct span){ verdict->signer_sha256, SHA256_SIZE });
	json_hex(&j, "archive_sha256", (struct span){ verdict->archive_sha256, SHA256_SIZE });
	json_word(&j, "code", verdict->complete ? verdict->code : NULL);
	if (why)
		json_word(&j, "failure", why->text[v->lang]);
	json_int(&j, "problem_count", v->problem_count);
	buf_byte(&list, '[');
	buf_add(&list, buf_span(&v->problems));
	buf_byte(&list, ']');
	json_raw(&j, "problems", buf_span(&list));
	json_end(&j);
	buf_byte(&out, '\n');
	fwrite(out.data, 1, out.size, stdout);
	buf_done(&out);
	buf_done(&list);
}

static void progress(const struct verify *v, const struct evidence *e, int64_t *last)
{
	int64_t now = os_monotonic();

	if (e->size <= 0 || now - *last < INT64_C(500000000) || !os_is_terminal(2))
		return;
	*last = now;
	fprintf(stderr, msg(v->lang, "\rchecking … %d %% "), (int)(e->disk->offset * 100 / e->size));
}

static int verify_one(struct verify *v, const char *path)
{
	struct pack_events events = { .problem = on_problem, .context = v };
	struct pack_verdict verdict = { 0 };
	struct evidence evidence;
	struct pack_reader *reader;
	struct pack_entry entry;
	struct fail why = { 0 };
	int64_t last = os_monotonic();
	int result = -1;

	buf_clear(&v->problems);
	v->problem_count = 0;
	v->altered = false;
	if (evidence_open(&evidence, path, v->identities, &why) == 0) {
		if (pack_reader_open(&reader, evidence.source, v->trust, &events, &why) == 0) {
			while ((result = pack_reader_next(reader, &entry, &why)) == 1)
				progress(v, &evidence, &last);
			verdict = *pack_reader_verdict(reader);
			pack_reader_close(reader);
			if (!result)
				check_code(v, &verdict, &why);
			if (os_is_terminal(2))
				fputs("\r\033[K", stderr);
		}
		evidence_close(&evidence);
	}
	if (v->json)
		print_json(v, path, &verdict, result ? &why : NULL);
	else
		print_text(v, path, &verdict, result ? &why : NULL);
	if (result || v->problem_count)
		return EXIT_FAILED;
	return verdict.throwaway && !verdict.trusted ? EXIT_NOTES : EXIT_COMPLETE;
}

/* 24 digits, with blanks or hyphens anywhere. */
static int read_code(struct verify *v, struct fail *f)
{
	size_t count = 0;
	bool ok = true;

	for (const char *c = v->code; c && *c; c++) {
		if (*c == ' ' || *c == '-')
			continue;
		ok = ok && *c >= '0' && *c <= '9' && count < CODE_DIGITS;
		if (ok)
			v->digits[count++] = *c;
	}
	if (v->code && (!ok || count != CODE_DIGITS))
		return fail_set(f, "option --code takes the 24 digits that the collector printed at its end");
	return 0;
}

static int read_keys(struct verify *v, struct fail *f)
{
	struct buf text = { 0 };
	int result = 0;

	if (v->ca)
		result = os_read_whole(v->ca, PEM_MOST, &text, f) || trust_open(&v->trust, buf_span(&text), f) ?
		         -1 : 0;
	buf_clear(&text);
	if (!result)
		result = evidence_identities(&v->identities, v->identity, f);
	buf_done(&text);
	return result;
}

static int verify_all(struct verify *v, int count, char **paths)
{
	int worst = EXIT_COMPLETE;

	for (int i = 0; i < count; i++) {
		int result = verify_one(v, paths[i]);

		if (result > worst)
			worst = result;
	}
	return worst;
}

int cmd_verify(int argc, char **argv, enum lang lang)
{
	struct verify v = { .lang = lang };
	const char *language = NULL;
	const struct option_row options[] = {
		{ "ca", OPT_TEXT, "FILE", "certificates (PEM) of the authority that must have issued the key", &v.ca },
		{ "code", OPT_TEXT, "CODE", "the read-back code from the paper record, blanks do not matter", &v.code },
		{ "i", OPT_TEXT, "FILE", "age identity for encrypted archives", &v.identity },
		{ "json", OPT_FLAG, NULL, "one JSON object for each archive", &v.json },
		{ "lang", OPT_TEXT, "ja|en", "language of messages", &language },
		{ 0 },
	};
	const struct command_line line = {
		"kake-triage verify [OPTION]… ARCHIVE…",
		"checks the signature, the chain and every digest of archives. Exit status: 0 whole and signed, "
		"1 whole but signed with a throw-away key, 2 altered, cut or unreadable",
		options, 1, -1,
	};
	struct fail f = { 0 };
	int operands, result = EXIT_FAILED, read = command_line_read(&line, argc, argv, lang, &operands);

	if (read)
		return read > 0 ? EXIT_COMPLETE : EXIT_FAILED;
	if (v.code && operands > 1)
		fail_set(&f, "option --code goes with one archive");
	else if (read_code(&v, &f) == 0 && read_keys(&v, &f) == 0)
		result = verify_all(&v, operands, argv + 2);
	if (f.text[LANG_EN][0])
		command_failed(&f, lang);
	trust_close(v.trust);
	age_identities_close(v.identities);
	buf_done(&v.problems);
	return result;
}
