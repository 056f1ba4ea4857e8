/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ATHAR_REPORT_STYLE_H
#define ATHAR_REPORT_STYLE_H

/* The stylesheet of the HTML report, without <, > and &, so that it reads the same as HTML and as
 * XML. What depends on the report is added by the renderer. */
extern const char athar_style_screen[];
extern const char athar_style_print[];

#endif
