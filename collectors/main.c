/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "collectors/run.h"
#include "collectors/self.h"
#include "collectors/words.h"
#include "lib/opts.h"
#include "lib/text.h"

enum { COMPLETE, WITH_NOTES, FAILED };

struct choices {
	struct settings settings;
	const char *profile, *lang;
	bool plan, sha1, md5, version, help;
};

static void show(struct span text)
{
	fwrite(text.data, 1, text.size, stderr);
	fflush(stderr);
}

static void print(struct buf *text)
{
	fwrite(text->data, 1, text->size, stdout);
	fflush(stdout);
	buf_done(text);
}

/* "kake-collect: REASON" on the error output; gives the exit status. */
static int complain(enum lang lang, const struct fail *f)
{
	struct buf text = { 0 };

	text_terminal(&text, span_of(f->text[lang]));
	fprintf(stderr, "kake-collect: %s\n", buf_string(&text));
	buf_done(&text);
	return FAILED;
}

static int read_options(struct choices *c, int argc, char **argv, bool help, struct fail *f)
{
	struct settings *s = &c->settings;
	const struct option_row rows[] = {
		{ "profile", OPT_TEXT, "NAME", "how much to take: quick, standard (if not given) or full", &c->profile },
		{ "out", OPT_TEXT, "DIR", "directory for the archive; the current one if not given", &s->out },
		{ "case", OPT_TEXT, "ID", "case number, for the record", &s->case_id },
		{ "operator", OPT_TEXT, "NAME", "your name, for the record", &s->operator_name },
		{ "root", OPT_TEXT, "DIR", "collect from a disk mounted at DIR instead of this host", &s->root },
		{ "plan", OPT_FLAG, NULL, "show what would be taken, and take nothing", &c->plan },
		{ "modules", OPT_TEXT, "LIST", "only these modules, with commas between; --plan names them", &s->modules },
		{ "artifacts", OPT_TEXT, "FILE", "take also what these ForensicArtifacts definitions name", &s->artifacts },
		{ "max-time", OPT_DURATION, "TIME", "end in good order after this time, such as 10m", &s->max_time },
		{ "max-size", OPT_SIZE, "SIZE", "copy at most this much of files, such as 4G; 0: no limit", &s->max_size },
		{ "max-file-size", OPT_SIZE, "SIZE", "copy no file that is larger; 0: no limit", &s->max_file_size },
		{ "sha1", OPT_FLAG, NULL, "SHA-1 of files as well", &c->sha1 },
		{ "md5", OPT_FLAG, NULL, "MD5 of files as well", &c->md5 },
		{ "remote", OPT_FLAG, NULL, "go into network file systems too", &s->remote },
		{ "recipient", OPT_TEXT, "FILE", "encrypt to these age public keys; kit/recipient.txt beside the program if it is there", &s->recipient },
		{ "plain", OPT_FLAG, NULL, "do not encrypt, although there is a recipient", &s->plain },
		{ "volume-size", OPT_SIZE, "SIZE", "cut the archive into files of this size, such as 650M", &s->volume_size },
		{ "key", OPT_TEXT, "FILE", "key that signs (PEM); kit/key.pem beside the program if it is there", &s->key },
		{ "cert", OPT_TEXT, "FILE", "its certificate (PEM)", &s->certificate },
		{ "lang", OPT_TEXT, "LANG", "language: ja or en", &c->lang },
		{ "version", OPT_FLAG, NULL, "show the version", &c->version },
		{ "help", OPT_FLAG, NULL, "show this help", &c->help },
		{ 0 },
	};
	int operands;

	if (help) {
		struct buf out = { 0 };

		buf_text(&out, msg(s->lang, "Usage: kake-collect [options]\n"
		                            "Collects evidence from this host into one signed archive. Nothing on the host is changed.\n"));
		buf_byte(&out, '\n');
		opts_help(rows, s->lang, &out);
		buf_byte(&out, '\n');
		buf_text(&out, msg(s->lang, "Exit status: 0 complete, 1 complete but something could not be taken, 2 failed.\n"));
		print(&out);
		return 0;
	}
	if (opts_read(rows, argc, argv, 1, &operands, f))
		return -1;
	if (operands)
		return fail_set(f, "unexpected word '%s'; --help lists the options", argv[1]);
	return 0;
}

static int settle_choices(struct choices *c, struct fail *f)
{
	struct settings *s = &c->settings;

	if (c->lang && strcmp(c->lang, "ja") != 0 && strcmp(c->lang, "en") != 0)
		return fail_set(f, "there is no language '%s'; there are ja and en", c->lang);
	if (!profile_named(c->profile, &s->profile))
		return fail_set(f, "there is no profile '%s'; there are quick, standard and full", c->profile);
	s->digests = HASH_SHA256 | (c->sha1 ? HASH_SHA1 : 0u) | (c->md5 ? HASH_MD5 : 0u);
	return run_check(s, f);
}

static void add_code(const struct result *r, enum lang lang, struct buf *out)
{
	struct span rest = span_of(r->code), group;

	buf_text(out, msg(lang, "Read-back code: write it on the record, or read it out on the phone.\n"));
	buf_text(out, "\n  +--------------------------------------------+\n  |                                            |\n  |     ");
	while ((group = span_word(&rest)).size) {
		buf_add(out, group);
		buf_text(out, "  ");
	}
	buf_text(out, "   |\n  |                                            |\n  +--------------------------------------------+\n");
}

static void add_key(const struct result *r, enum lang lang, struct buf *out)
{
	if (r->encrypted)
		buf_text(out, msg(lang, "The archive is encrypted: only the holder of the recipient's secret key can read it.\n"));
	if (r->files > 1)
		buf_printf(out, msg(lang, "The archive is in %u files that belong together; hand over all of them.\n"), r->files);
	if (r->key == KEY_THROWAWAY)
		buf_text(out, msg(lang, "No kit key was found, so the archive is signed with a key made for this run only. The read-back code is what proves that it is this archive.\n"));
}

static void add_archive(const struct result *r, enum lang lang, struct buf *out)
{
	struct buf path = { 0 }, size = { 0 }, time = { 0 };

	text_terminal(&path, buf_span(&r->path));
	words_size(&size, r->size);
	words_duration(&time, r->duration);
	buf_printf(out, msg(lang, "Archive:  %s\nSize:     %s\nTime:     %s\n"), buf_string(&path),
	           buf_string(&size), buf_string(&time));
	buf_done(&path);
	buf_done(&size);
	buf_done(&time);
}

static int report(const struct result *r, enum lang lang)
{
	const struct account *a = &r->account;
	bool notes = a->totals.notes > 0 || r->end != RUN_WHOLE;
	struct buf out = { 0 };

	buf_byte(&out, '\n');
	buf_text(&out, r->end != RUN_WHOLE
	                   ? msg(lang, "The collection ended early. The archive is closed and can be used.\n")
	               : notes ? msg(lang, "The collection is complete. What could not be taken is named below.\n")
	                       : msg(lang, "The collection is complete.\n"));
	for (size_t i = 0; r->warnings[i]; i++)
		buf_printf(&out, "! %s\n", msg(lang, r->warnings[i]));
	buf_text(&out, msg(lang, "\nTaken:\n"));
	account_taken(a, lang, &out);
	if (a->totals.notes) {
		buf_text(&out, msg(lang, "\nNot taken, or to be known:\n"));
		account_missed(a, lang, &out);
	}
	buf_byte(&out, '\n');
	add_archive(r, lang, &out);
	add_key(r, lang, &out);
	buf_byte(&out, '\n');
	add_code(r, lang, &out);
	print(&out);
	/* Without space much is missing: no one shall take this for a collection. */
	return r->end == RUN_OUT_OF_SPACE ? FAILED : notes ? WITH_NOTES : COMPLETE;
}

static int collect(const struct settings *s)
{
	struct result result = { 0 };
	struct fail f;
	int status;

	if (run_collect(s, &result, &f) == 0) {
		status = report(&result, s->lang);
	} else {
		status = complain(s->lang, &f);
		if (result.path.size)
			fprintf(stderr, msg(s->lang, "The archive is not complete. What was taken until then is in '%s' and can be verified.\n"),
			        buf_string(&result.path));
		else
			fputs(msg(s->lang, "Nothing was collected, and nothing was left behind.\n"), stderr);
	}
	result_done(&result);
	return status;
}

static int plan(const struct settings *s)
{
	struct buf out = { 0 };
	struct fail f;

	if (run_plan(s, &out, &f)) {
		buf_done(&out);
		return complain(s->lang, &f);
	}
	print(&out);
	return COMPLETE;
}

int main(int argc, char **argv)
{
	struct choices c = {
		.settings = { .out = ".", .root = "/", .max_size = -1, .max_file_size = -1,
		              .lang = opts_lang(argc, argv), .argc = argc, .argv = argv, .show = show },
		.profile = "standard",
	};
	struct fail f;

	self_settle();
	c.settings.stop = self_signals();
	c.settings.terminal = os_is_terminal(2);
	if (read_options(&c, argc, argv, false, &f))
		return complain(c.settings.lang, &f);
	if (c.help)
		return read_options(&c, argc, argv, true, &f);
	if (c.version) {
		printf("kake-collect %s\n", KAKE_VERSION);
		return COMPLETE;
	}
	if (settle_choices(&c, &f))
		return complain(c.settings.lang, &f);
	return c.plan ? plan(&c.settings) : collect(&c.settings);
}
