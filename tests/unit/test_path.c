/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/path.h"
#include "tests/unit/test.h"

TEST(bases_and_parents)
{
	/* basename(1) and dirname(1), but for names without a '/', which have no parent here */
	static const struct { const char *path, *base, *parent; } cases[] = {
		{ "/var/log/syslog", "syslog", "/var/log" }, { "/etc", "etc", "/" }, { "/", "", "/" },
		{ "name", "name", "" }, { "a/b", "b", "a" }, { "", "", "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK_SPAN(path_base(span_of(cases[i].path)), span_of(cases[i].base));
		CHECK_SPAN(path_parent(span_of(cases[i].path)), span_of(cases[i].parent));
	}
}

static void cleaned(const char *path, const char *wanted)
{
	struct buf out = { 0 };

	path_clean(&out, span_of(path));
	CHECK_TEXT(buf_string(&out), wanted);
	buf_done(&out);
}

/* realpath -sm */
TEST(cleaning_never_leaves_the_root)
{
	cleaned("/a//b/./c/../d", "/a/b/d");
	cleaned("/../../etc/passwd", "/etc/passwd");
	cleaned("/a/../..", "/");
	cleaned("", "/");
	cleaned("/...", "/...");
}

TEST(joining_and_lying_below)
{
	struct buf out = { 0 };

	path_join(&out, span_of("/a/"), span_of("/b"));
	buf_byte(&out, ' ');
	path_join(&out, span_of("/a"), span_of("b/c"));
	CHECK_TEXT(buf_string(&out), "/a/b /a/b/c");
	buf_done(&out);
	CHECK(path_below(span_of("/a/b"), span_of("/a")) && path_below(span_of("/a"), span_of("/a")));
	CHECK(path_below(span_of("/a"), span_of("/")) && path_below(span_of("/a/b"), span_of("/a/")));
	CHECK(!path_below(span_of("/ab"), span_of("/a")) && !path_below(span_of("/"), span_of("/a")));
}

TEST(patterns)
{
	static const struct { const char *pattern, *path; bool match; } cases[] = {
		{ "/var/log/*.log", "/var/log/auth.log", true }, { "/var/log/*", "/var/log/apt/history.log", false },
		{ "/var/log/**", "/var/log/apt/history.log", true }, { "/var/log/**", "/var/log", true },
		{ "**/.bash_history", "/root/.bash_history", true }, { "**/.bash_history", ".bash_history", true },
		{ "**/.bash_history", "/root/x.bash_history", false }, { "/a/**/z", "/a/z", true },
		{ "/a/**/z", "/a/b/c/z", true }, { "/a/**/z", "/a/b/c/zz", false },
		{ "/**/a/**/b", "/a/x/a/y/b", true }, { "/**/a/**/b", "/x/b/a", false },
		{ "/a/?", "/a/b", true }, { "/a/?", "/a/", false }, { "/a/?", "/a/bc", false },
		{ "w[tb]mp", "wtmp", true }, { "[wb]tmp.[0-9]*", "btmp.12", true }, { "[!a-c]x", "dx", true },
		{ "[!a-c]x", "bx", false }, { "[]]x", "]x", true }, { "[x", "[x", true }, { "[a-", "[a-", true },
		{ "a*b*c", "aXbXbc", true }, { "a*b*c", "aXbX", false }, { "", "", true },
		{ "", "a", false }, { "/var/log", "/var/log/x", false }, { "\xff*", "\xff\xfe", true },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (path_match(span_of(cases[i].pattern), span_of(cases[i].path)) != cases[i].match)
			test_fail(__FILE__, __LINE__, cases[i].pattern);
}

TEST(a_hostile_pattern_ends_soon)
{
	struct buf pattern = { 0 }, path = { 0 };

	for (int i = 0; i < 2000; i++) {
		buf_text(&pattern, "a*");
		buf_text(&path, "aa");
	}
	buf_byte(&pattern, 'b');
	CHECK(!path_match(buf_span(&pattern), buf_span(&path)));
	buf_clear(&pattern);
	buf_clear(&path);
	for (int i = 0; i < 1000; i++) {
		buf_text(&pattern, "**/a/");
		buf_text(&path, "a/a/");
	}
	buf_byte(&pattern, 'b');
	CHECK(!path_match(buf_span(&pattern), buf_span(&path)));
	buf_done(&pattern);
	buf_done(&path);
}

static void member(struct span path, const char *wanted)
{
	struct buf out = { 0 }, back = { 0 };

	path_to_member(&out, path);
	CHECK_TEXT(buf_string(&out), wanted);
	CHECK(path_from_member(&back, buf_span(&out)));
	CHECK_SPAN(buf_span(&back), path);
	buf_done(&out);
	buf_done(&back);
}

TEST(member_names_are_safe_and_come_back)
{
	member(span_of("/var/log/syslog"), "var/log/syslog");
	member(span_of("/home/調査/x"), "home/調査/x");
	member(span_of("/a\xff/b c"), "a%FF/b c");
	member(span_of("/tmp/100%"), "tmp/100%25");
	member(span_of("/tmp/-rf"), "tmp/%2Drf");
	member(span_of("/tmp/trail /dot."), "tmp/trail%20/dot%2E");
	member(span_of("/tmp/.../.."), "tmp/..%2E/.%2E");
	member(span_of("/a\\b:c*d?e\"f<g>h|i"), "a%5Cb%3Ac%2Ad%3Fe%22f%3Cg%3Eh%7Ci");
	member(span_of("/line\nend\x1b"), "line%0Aend%1B");
}

TEST(member_names_that_are_none)
{
	struct buf out = { 0 };

	CHECK(!path_from_member(&out, span_of("a%")) && !path_from_member(&out, span_of("a%4")) &&
	      !path_from_member(&out, span_of("a%zz")));
	buf_done(&out);
}
