/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/report/report.h"

static const struct { const char *word, *meaning; } entries[] = {
	{ "Severity", "How soon a finding should be looked at: critical, high, medium, low, and info for what is only good to know. It says nothing of the damage done." },
	{ "Package", "Software that the system's package manager installed and knows. What no package owns was put there by hand, by another installer, or by an intruder." },
	{ "SHA-256, digest", "A number computed from the bytes of a file. Two files with the same digest are the same; vendors can be asked for a digest without sending the file." },
	{ "Signature of the evidence", "Shows that the evidence was not changed after it was collected. The read-back code, noted on paper at the site, ties the file to the place." },
	{ "Start entry", "Anything that makes a program start by itself: at boot, at a time, at log-on. Intruders use them to stay." },
	{ "SSH key", "Opens an account without a password to whoever holds its private part." },
	{ "memfd", "A file that exists only in memory. Programs can be started from it without touching the disk." },
	{ "Rootkit", "Software that makes the system hide files, processes or connections. It is found by comparing several views of the same thing." },
	{ "set-id", "A mark on a program that gives whoever starts it the rights of the program's owner." },
	{ "Web shell", "A script on a web server through which somebody outside can run commands." },
	{ "Coverage", "From when to when a log tells anything. What is outside, or was never recorded, can neither be shown nor ruled out." },
	{ "UTC, JST", "Times are stored in UTC. JST, the time of Japan, is nine hours ahead of it." },
	{ "MITRE ATT&CK", "A public catalogue of what attackers do. Its numbers help specialists to compare cases." },
};

void report_glossary(struct page *p)
{
	page_raw(p, "<section>\n");
	page_heading(p, 2, "glossary", "Words used here");
	page_raw(p, "<dl class=\"facts\">\n");
	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
		page_raw(p, "<dt>");
		page_msg(p, entries[i].word);
		page_raw(p, "</dt><dd>");
		page_msg(p, entries[i].meaning);
		page_raw(p, "</dd>\n");
	}
	page_raw(p, "</dl>\n</section>\n");
}
