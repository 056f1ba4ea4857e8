/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way back to a source from behind the imager's confinement: a porter that knows who the source
 * is finds it again when it has been away, and asks after its health. Never another device: what is
 * opened again has been compared with what was there at the start (identity.h says how far that
 * goes).
 */
#ifndef ATHAR_ENGINE_GATE_H
#define ATHAR_ENGINE_GATE_H

#include "engine/identity.h"

typedef struct athar_gate athar_gate;

/* Before privileges are dropped, before confinement, before any thread. Remembers who `source` is.
 * hold: what is found again is held as hold.h has it, and refused when it is in use: a desktop
 * would mount a disk that comes back. Not for the system's own disk, which is. Sources that are
 * neither a device nor a raw file can be had a gate for, and are refused later. */
athar_status athar_gate_open(athar_gate **out, const athar_source *source, bool hold,
                             athar_error *err);
void athar_gate_close(athar_gate *gate);
ATHAR_DEFINE_AUTO(gate, athar_gate *, athar_gate_close)

/* By what the source is known again. */
athar_identity_kind athar_gate_identity(const athar_gate *gate);

/* All of these are one thread's at a time, each with a time-out of its own; whoever wants to ask
 * after the health while another thread opens again has two gates. */

/* One try. ATHAR_EIO when it is not there (or does not answer: then a later try may),
 * ATHAR_EREFUSED when what is there is another device, two are there that cannot be told apart, or
 * it has been mounted for writing. The new source is yours to close; its path may be a new one. */
athar_status athar_gate_reopen(athar_source **out, athar_gate *gate, athar_error *err);
/* Is what was opened still there, and the same? ATHAR_EIO and ATHAR_EREFUSED as above. */
athar_status athar_gate_check(athar_gate *gate, athar_error *err);
/* As athar_smart_reduce has it; "available" false with "why" where there is nothing to ask.
 * A porter that does not answer is such a case. */
athar_status athar_gate_health(athar_json **out, athar_gate *gate, athar_error *err);

#endif
