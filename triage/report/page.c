/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/report/page.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/instant.h"
#include "lib/text.h"
#include "triage/detect/detect.h"
#include "triage/detect/fill.h"

enum { JAPAN = 9 * 3600 };

void page_raw(struct page *p, const char *html)
{
	buf_text(&p->out, html);
}

void page_msg(struct page *p, const char *english)
{
	text_html(&p->out, span_of(msg(p->lang, english)));
}

void page_format(struct page *p, const char *english, ...)
{
	struct buf text = { 0 };
	va_list arguments;

	va_start(arguments, english);
	buf_vprintf(&text, msg(p->lang, english), arguments);
	va_end(arguments);
	text_html(&p->out, buf_span(&text));
	p->out.bad |= text.bad;
	buf_done(&text);
}

void page_value(struct page *p, struct span value)
{
	struct buf cut = { 0 };

	fill_cut(&cut, value, PAGE_VALUE_BYTES);
	text_html(&p->out, buf_span(&cut));
	p->out.bad |= cut.bad;
	buf_done(&cut);
}

void page_code(struct page *p, struct span value)
{
	if (!value.size)
		return;
	page_raw(p, "<code>");
	page_value(p, value);
	page_raw(p, "</code>");
}

static void add_clock(struct page *p, int64_t instant, int64_t offset)
{
	struct civil c = civil_of(instant_seconds(instant) + offset);

	buf_printf(&p->out, "%04" PRId64 "-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour,
	           c.minute, c.second);
}

static void add_zone(struct page *p, int64_t offset)
{
	if (offset == JAPAN)
		page_raw(p, " JST");
	else if (offset)
		buf_printf(&p->out, " %c%02lld:%02lld", offset < 0 ? '-' : '+', llabs(offset) / 3600,
		           llabs(offset) / 60 % 60);
	else
		page_raw(p, " UTC");
}

void page_time(struct page *p, int64_t instant)
{
	page_raw(p, "<span class=\"time\">");
	add_clock(p, instant, p->offset);
	add_zone(p, p->offset);
	if (p->offset) {
		page_raw(p, " <small>");
		add_clock(p, instant, 0);
		page_raw(p, " UTC</small>");
	}
	page_raw(p, "</span>");
}

void page_severity(struct page *p, int severity)
{
	buf_printf(&p->out, "<span class=\"severity s%d\">", severity);
	page_msg(p, severity_word(severity, p->lang));
	page_raw(p, "</span>");
}

void page_size(struct page *p, int64_t bytes)
{
	static const char *const units[] = { "B", "KB", "MB", "GB", "TB" };
	double size = (double)bytes;
	size_t unit = 0;

	while (size >= 1000 && unit + 1 < sizeof units / sizeof *units) {
		size /= 1000;
		unit++;
	}
	buf_printf(&p->out, unit ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

void page_duration(struct page *p, int64_t nanoseconds)
{
	int64_t minutes = nanoseconds / INSTANT_SECOND / 60;

	if (minutes >= 48 * 60)
		page_format(p, "%lld d %lld h", (long long)(minutes / 1440), (long long)(minutes / 60 % 24));
	else
		page_format(p, "%lld h %lld min", (long long)(minutes / 60), (long long)(minutes % 60));
}

void page_heading(struct page *p, int level, const char *id, const char *english)
{
	buf_printf(&p->out, "<h%d", level);
	if (id)
		buf_printf(&p->out, " id=\"%s\"", id);
	page_raw(p, ">");
	page_msg(p, english);
	buf_printf(&p->out, "</h%d>\n", level);
}

void page_paragraph(struct page *p, const char *class, const char *english)
{
	page_raw(p, "<p");
	if (class)
		buf_printf(&p->out, " class=\"%s\"", class);
	page_raw(p, ">");
	page_msg(p, english);
	page_raw(p, "</p>\n");
}
