/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "collectors/linux/autorun/readers.h"
#include "collectors/linux/autorun/unit.h"

TEST(cron_lines)
{
	static const struct { const char *line; bool with_user; const char *schedule, *user, *command; } cases[] = {
		{ "17 *\t* * *  root  cd / && x", true, "17 *\t* * *", "root", "cd / && x" },
		{ "@reboot /x", false, "@reboot", "", "/x" },
		{ "@daily bob /x y", true, "@daily", "bob", "/x y" },
		{ "*/5 0-23/2 1,15 jan-mar mon /x", false, "*/5 0-23/2 1,15 jan-mar mon", "", "/x" },
		{ "-*/10 * * * * /quiet", false, "*/10 * * * *", "", "/quiet" },
		{ "0~59 3 * * 7 /random", false, "0~59 3 * * 7", "", "/random" },
		{ "1 2 3 4 5 A=b /x", false, "1 2 3 4 5", "", "A=b /x" },
	};
	static const char *const nothing[] = { "", "   ", "# 1 2 3 4 5 /x", "\t#" };
	static const char *const wrong[] = { "1 2 3 4", "1 2 3 4 5", "a$b * * * * /x", "@reboot", "just words here" };
	struct cron_line line;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int got = cron_parse(span_of(cases[i].line), cases[i].with_user, &line);

		/* "… A=b /x" has a '=' but is a job: its name would hold blanks. */
		CHECK_INT(got, 1);
		CHECK_SPAN(line.schedule, span_of(cases[i].schedule));
		CHECK_SPAN(line.user, span_of(cases[i].user));
		CHECK_SPAN(line.command, span_of(cases[i].command));
		CHECK_INT(line.variable.size, 0);
	}
	for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
		CHECK_INT(cron_parse(span_of(nothing[i]), true, &line), 0);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		CHECK_INT(cron_parse(span_of(wrong[i]), true, &line), -1);
}

TEST(cron_variables_and_percent)
{
	struct cron_line line;

	CHECK_INT(cron_parse(span_of("PATH=/a:/b"), true, &line), 1);
	CHECK_SPAN(line.variable, span_of("PATH"));
	CHECK_SPAN(line.value, span_of("/a:/b"));
	CHECK_INT(cron_parse(span_of(" \"LD_PRELOAD\" = '/x y' "), true, &line), 1);
	CHECK_SPAN(line.variable, span_of("LD_PRELOAD"));
	CHECK_SPAN(line.value, span_of("/x y"));
	CHECK_SPAN(cron_program(span_of("cat%one%two")), span_of("cat"));
	CHECK_SPAN(cron_program(span_of("date +\\%F%in")), span_of("date +\\%F"));
	CHECK_SPAN(cron_program(span_of("%")), span_of(""));
	CHECK_SPAN(cron_program(span_of("plain")), span_of("plain"));
}

TEST(unit_settings)
{
	static const char text[] = "\xef\xbb\xbf; comment\n[Service]\nExecStart=/a \\\n# inside\n  b \\\n\n"
	                           "Key = value \n[Install]\r\nWantedBy=x\r\nnothing\nLast=1\\";
	static const struct { const char *section, *key, *value; size_t line; } wanted[] = {
		{ "Service", "ExecStart", "/a  b", 3 }, { "Service", "Key", "value", 7 },
		{ "Install", "WantedBy", "x", 9 }, { "Install", "nothing", "", 10 },
		{ "Install", "Last", "1", 11 },
	};
	struct unit_setting got;
	struct unit_text t;
	size_t count = 0;

	unit_begin(&t, span_of(text + 3));
	while (unit_next(&t, &got) && count < 5) {
		CHECK_SPAN(got.section, span_of(wanted[count].section));
		CHECK_SPAN(got.key, span_of(wanted[count].key));
		CHECK_SPAN(got.value, span_of(wanted[count].value));
		CHECK_INT(got.line, wanted[count].line);
		count++;
	}
	CHECK_INT(count, 5);
	unit_end(&t);
}

static void check_exec(const char *line, const char *wanted)
{
	struct buf out = { 0 };

	exec_program(&out, span_of(line));
	CHECK_SPAN(span_trim(buf_span(&out)), span_of(wanted));
	buf_done(&out);
}

TEST(exec_prefixes)
{
	check_exec("/bin/x a", "/bin/x a");
	check_exec("-/bin/x", "/bin/x");
	check_exec("!!/bin/x", "/bin/x");
	check_exec("+-:/bin/x", "/bin/x");
	check_exec("|/bin/x", "/bin/x");
	check_exec("@/bin/sh [kworker/0] -c /tmp/x", "/bin/sh -c /tmp/x");
	check_exec("-@/bin/x", "/bin/x");
	check_exec("", "");
	check_exec("@", "");
}

TEST(unit_names)
{
	struct buf out = { 0 };

	CHECK(unit_template(span_of("getty@tty1.service"), &out));
	CHECK_SPAN(buf_span(&out), span_of("getty@.service"));
	CHECK(!unit_template(span_of("getty@.service"), &out));
	CHECK(!unit_template(span_of("ssh.service"), &out));
	CHECK(!unit_template(span_of("@"), &out));
	CHECK_SPAN(unit_instance(span_of("a@b-c.d.service")), span_of("b-c.d"));
	CHECK_INT(unit_instance(span_of("a.service")).size, 0);
	buf_clear(&out);
	unit_expand(&out, span_of("%i %I %n %N %p %h %u %% %z %"), span_of("a@x-y\\x2dz.service"),
	            span_of("/home/u"), span_of("u"));
	CHECK_SPAN(buf_span(&out), span_of("x-y\\x2dz x/y-z a@x-y\\x2dz.service a@x-y\\x2dz a /home/u u % %z %"));
	buf_done(&out);
}
