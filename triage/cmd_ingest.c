/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/os.h"
#include "lib/path.h"
#include "lib/text.h"
#include "triage/commands.h"
#include "triage/detect/detect.h"
#include "triage/evidence.h"
#include "triage/ingest.h"
#include "triage/store_query.h"

enum { CA_BYTES = 1 << 20, PROBLEMS_SHOWN = 20, PROGRESS_NANOSECONDS = 200000000 };

struct ingest_options { const char *ca, *identity, *lang; bool accept; };

/* What the callbacks of one archive see. */
struct saying {
	enum lang lang;
	const char *archive;
	int64_t problems, last;
	bool terminal, drawn;
};

static void clear_progress(struct saying *say)
{
	if (say->drawn)
		fputs("\r\033[K", stderr);
	say->drawn = false;
}

static void on_problem(void *context, enum pack_problem kind, struct span item, const struct fail *why)
{
	struct saying *say = context;
	struct buf text = { 0 };

	(void)kind;
	if (say->problems++ >= PROBLEMS_SHOWN)
		return;
	clear_progress(say);
	text_terminal(&text, span_of(say->archive));
	buf_text(&text, ": ");
	text_terminal(&text, item);
	buf_text(&text, ": ");
	text_terminal(&text, span_of(why->text[say->lang]));
	fprintf(stderr, "%s\n", buf_string(&text));
	buf_done(&text);
}

static void on_progress(void *context, const struct ingest_account *a)
{
	struct saying *say = context;
	int64_t now = os_monotonic();

	if (!say->terminal || now - say->last < PROGRESS_NANOSECONDS)
		return;
	say->last = now;
	say->drawn = true;
	fprintf(stderr, msg(say->lang, "\r%" PRId64 " entries, %" PRId64 " rows"), a->entries, a->rows);
	fflush(stderr);
}

static void say_account(const struct saying *say, const struct ingest_account *a)
{
	struct buf name = { 0 };
	const char *shown;

	text_terminal(&name, span_of(say->archive));
	shown = buf_string(&name);
	switch (a->outcome) {
	case INGEST_KNOWN:
		printf(msg(say->lang, "%s: already in the case file; nothing changed\n"), shown);
		break;
	case INGEST_REFUSED:
		fprintf(stderr, msg(say->lang, "%s: refused: %s\n"), shown, a->why.text[say->lang]);
		break;
	case INGEST_CUT:
		fprintf(stderr, msg(say->lang, "%s: the archive is cut; what is signed went in, %" PRId64
		        " entries behind it were left out\n"), shown, a->left_out);
		/* fall through */
	case INGEST_ADDED:
		printf(msg(say->lang, "%s: %" PRId64 " entries, %" PRId64 " rows, %" PRId64 " seen before, %"
		           PRId64 " remarks, %" PRId64 " notes of the collector\n"), shown,
		       a->verdict.entries, a->rows, a->repeated, a->remarks, a->notes);
		break;
	}
	if (a->outcome != INGEST_REFUSED && a->outcome != INGEST_KNOWN && a->verdict.throwaway)
		fprintf(stderr, msg(say->lang, "%s: signed with a key made for that run only: it shows that "
		        "nothing changed since, not who collected\n"), shown);
	buf_done(&name);
}

static int status_of(const struct ingest_account *a)
{
	switch (a->outcome) {
	case INGEST_KNOWN: return EXIT_COMPLETE;
	case INGEST_REFUSED: return EXIT_FAILED;
	case INGEST_CUT: return EXIT_NOTES;
	case INGEST_ADDED: break;
	}
	return a->remarks || a->notes || a->verdict.problems ? EXIT_NOTES : EXIT_COMPLETE;
}

static int one_archive(struct ingest *in, struct evidence *evidence, const char *path, bool *added,
                       enum lang lang)
{
	struct saying say = { .lang = lang, .archive = path, .terminal = os_is_terminal(2) };
	struct span base = path_base(span_of(path));
	struct ingest_account account;
	struct fail f = { 0 };
	int result;

	in->context = &say;
	result = ingest_archive(in, evidence->source, evidence->age || evidence->volumes ? NULL :
	                        &evidence->file.source, (const char *)base.data, &account, &f);
	clear_progress(&say);
	if (say.problems > PROBLEMS_SHOWN)
		fprintf(stderr, msg(lang, "%" PRId64 " more problems\n"), say.problems - PROBLEMS_SHOWN);
	if (result)
		return command_failed(&f, lang);
	say_account(&say, &account);
	*added |= account.outcome == INGEST_ADDED || account.outcome == INGEST_CUT;
	return status_of(&account);
}

static int open_trust(const char *path, struct trust **trust, struct fail *f)
{
	struct buf pem = { 0 };
	int result;

	if (!path)
		return 0;
	result = os_read_whole(path, CA_BYTES, &pem, f) || trust_open(trust, buf_span(&pem), f) ? -1 : 0;
	buf_done(&pem);
	return result;
}

/* All files are opened before the process gives up the right to open others. */
static int open_all(struct evidence *evidence, char **paths, int count, const struct ingest_options *o,
                    struct fail *f)
{
	struct age_identities *identities = NULL;
	int result = evidence_identities(&identities, o->identity, f);

	for (int i = 0; !result && i < count; i++)
		result = evidence_open(&evidence[i], paths[i], identities, f);
	age_identities_close(identities);
	return result;
}

static int confine(const char *case_path, enum lang lang, struct fail *f)
{
	struct buf directory = { 0 };
	struct span parent = path_parent(span_of(case_path));
	bool files_too = true;
	int result;

	buf_add(&directory, parent);
	result = os_confine(parent.size ? buf_string(&directory) : ".", &files_too, f);
	buf_done(&directory);
	if (!result && !files_too)
		fputs(msg(lang, "this kernel has no Landlock: evidence is read without taking away the right to "
		          "open files\n"), stderr);
	return result;
}

/* Rules look at the whole case: what is rare depends on every host. */
static int detect(struct store *s, enum lang lang)
{
	struct fail f = { 0 };

	if (store_begin(s, &f) || detect_run(s, &f) || store_commit(s, &f)) {
		store_rollback(s);
		return command_failed(&f, lang);
	}
	return EXIT_COMPLETE;
}

static int ingest_all(struct ingest *in, struct evidence *evidence, char **paths, int count,
                      enum lang lang)
{
	int worst = EXIT_COMPLETE, status;
	bool added = false;

	for (int i = 0; i < count; i++) {
		status = one_archive(in, &evidence[i], paths[i], &added, lang);
		worst = status > worst ? status : worst;
	}
	status = added ? detect(in->store, lang) : EXIT_COMPLETE;
	return status > worst ? status : worst;
}

static int run(const struct ingest_options *o, char **argv, int archives, enum lang lang)
{
	struct evidence *evidence = calloc((size_t)archives, sizeof *evidence);
	struct ingest in = { .accept_unverified = o->accept, .problem = on_problem, .progress = on_progress };
	struct trust *trust = NULL;
	struct fail f = { 0 };
	int64_t known = 0;
	int status;

	for (int i = 0; evidence && i < archives; i++)
		evidence[i].file.fd = -1;
	if (!evidence)
		fail_set(&f, "out of memory");
	if (!evidence || open_trust(o->ca, &trust, &f) || open_all(evidence, argv + 3, archives, o, &f) ||
	    spool_open(&in.spool, &f) || store_open(&in.store, argv[2], &f) || confine(argv[2], lang, &f)) {
		status = command_failed(&f, lang);
	} else {
		in.trust = trust;
		status = ingest_all(&in, evidence, argv + 3, archives, lang);
	}
	if (in.store && store_is_new(in.store) &&
	    !(store_number(in.store, "SELECT count(*) FROM archive", &known, &f) == 0 && known))
		store_discard(in.store);
	else
		store_close(in.store);
	spool_close(in.spool);
	trust_close(trust);
	for (int i = 0; evidence && i < archives; i++)
		evidence_close(&evidence[i]);
	free(evidence);
	return status;
}

int cmd_ingest(int argc, char **argv, enum lang lang)
{
	struct ingest_options o = { 0 };
	const struct option_row options[] = {
		{ "ca", OPT_TEXT, "FILE", "certificates (PEM) of the authority that must have issued the signer's",
		  &o.ca },
		{ "i", OPT_TEXT, "FILE", "age identity for encrypted archives", &o.identity },
		{ "accept-unverified", OPT_FLAG, NULL, "take altered or unsigned evidence too, marked so",
		  &o.accept },
		{ "lang", OPT_TEXT, "ja|en", "language of messages", &o.lang },
		{ NULL, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct command_line line = {
		"kake-triage ingest CASE.db ARCHIVE…",
		"Verifies evidence archives and puts what they hold into the case file, which is made if there is "
		"none.", options, 2, -1,
	};
	int operands, result = command_line_read(&line, argc, argv, lang, &operands);

	if (result)
		return result > 0 ? EXIT_COMPLETE : EXIT_FAILED;
	return run(&o, argv, operands - 1, lang);
}
