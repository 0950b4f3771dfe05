/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_REPORT_H
#define KAKE_REPORT_H
/*
 * One HTML page of a case: for the owner first, then for the responder and the SOC. It holds no
 * script and asks nothing of a network; the same case and options give the same bytes.
 */
#include "triage/report/page.h"
#include "triage/store_query.h"

struct report_options {
	const char *author, *date;   /* printed as given, or NULL: no clock of the analyst is read */
	int64_t host;                /* 0: all */
};

enum { REPORT_HOSTS = 200 };     /* hosts with a part of their own; further ones are only counted */

/* Writes the page into p->out; p->lang is set by the caller. */
int report_write(struct page *p, struct store *s, const struct report_options *o, struct fail *f);

/* Its parts. */
int report_summary(struct page *p, struct store *s, const struct report_options *o, struct fail *f);
int report_findings(struct page *p, struct store *s, int64_t host, struct fail *f);
int report_evidence(struct page *p, struct store *s, int64_t host, struct fail *f);
int report_facts(struct page *p, struct store *s, int64_t host, struct fail *f);
int report_limits(struct page *p, struct store *s, int64_t host, struct fail *f);
void report_glossary(struct page *p);
#endif
