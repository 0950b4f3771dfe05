/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the report of a case. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "triage/commands.h"
#include "triage/host_named.h"
#include "triage/report/report.h"

static int write_all(FILE *to, struct span bytes, const char *name, struct fail *f)
{
	if (fwrite(bytes.data, 1, bytes.size, to) != bytes.size || fflush(to) || ferror(to))
		return fail_errno(f, errno, "cannot write '%s'", name);
	return 0;
}

/* Under a name of its own first, so that what bears the final name is whole. */
static int write_file(const char *path, struct span bytes, struct fail *f)
{
	struct buf part = { 0 };
	FILE *to;
	int result;

	buf_printf(&part, "%s.part", path);
	to = fopen(buf_string(&part), "wb");
	if (!to) {
		result = fail_errno(f, errno, "cannot write '%s'", path);
	} else {
		result = write_all(to, bytes, path, f);
		if (fclose(to) && !result)
			result = fail_errno(f, errno, "cannot write '%s'", path);
		if (!result && rename(buf_string(&part), path))
			result = fail_errno(f, errno, "cannot write '%s'", path);
		if (result)
			remove(buf_string(&part));
	}
	buf_done(&part);
	return result;
}

static int make(const char *path, const char *host, const char *out, struct report_options *o,
                enum lang lang, struct fail *f)
{
	struct page page = { .lang = lang };
	struct store *s = NULL;
	int result = store_open_read(&s, path, f) || (host && host_named(s, host, &o->host, f)) ||
	             report_write(&page, s, o, f) ? -1 : 0;

	if (!result)
		result = out ? write_file(out, buf_span(&page.out), f) : write_all(stdout, buf_span(&page.out), "stdout", f);
	store_close(s);
	buf_done(&page.out);
	return result;
}

int cmd_report(int argc, char **argv, enum lang lang)
{
	const char *host = NULL, *out = NULL, *language = NULL;
	struct report_options o = { 0 };
	const struct option_row options[] = {
		{ "lang", OPT_TEXT, "ja|en", "language of the report", &language },
		{ "out", OPT_TEXT, "FILE", "write the page there; standard output if not given", &out },
		{ "host", OPT_TEXT, "NAME", "one host: its name, address or machine id", &host },
		{ "author", OPT_TEXT, "TEXT", "who prepared the report, printed on top", &o.author },
		{ "date", OPT_TEXT, "TEXT", "date of the report, printed on top as given", &o.date },
		{ NULL, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct command_line line = {
		"kake-triage report CASE.db", "Writes one HTML page, to read in a browser or to print on A4: for the owner, the responder and the SOC.",
		options, 1, 1,
	};
	struct fail f = { 0 };
	int operands, result = command_line_read(&line, argc, argv, lang, &operands);

	if (result)
		return result > 0 ? EXIT_COMPLETE : EXIT_FAILED;
	if (make(argv[2], host, out, &o, lang, &f))
		return command_failed(&f, lang);
	if (out)
		fprintf(stderr, msg(lang, "report written: %s\n"), out);
	return EXIT_COMPLETE;
}
