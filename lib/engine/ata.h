/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an ATA disk says of itself over its own commands, passed through SCSI (SAT): how many
 * sectors it shows, how many it has, whether it is locked. The commands ask and change nothing:
 * IDENTIFY DEVICE, READ NATIVE MAX ADDRESS (EXT), GET NATIVE MAX ADDRESS EXT, DEVICE CONFIGURATION
 * IDENTIFY.
 *
 * A disk's answers are a stranger's bytes: the parsers are pure and take any.
 */
#ifndef ATHAR_ENGINE_ATA_H
#define ATHAR_ENGINE_ATA_H

#include "base/idiom.h"

#define ATHAR_ATA_PAGE 512u

/* Out of IDENTIFY DEVICE. */
typedef struct athar_ata_identity {
	uint64_t sectors;        /* that can be addressed, of sector_size bytes */
	uint32_t sector_size;    /* logical */
	uint32_t physical_size;  /* of a physical sector */
	bool long_addresses;     /* 48 bits */
	bool has_hpa, has_dco;   /* the feature sets are supported */
	bool has_amac;           /* what newer disks have in the place of the HPA */
	bool trim, trim_certain; /* DSM TRIM; what was trimmed reads the same from then on */
	bool trim_zeros;         /* namely as zeros */
	bool security, enabled, locked, frozen; /* the disk's own password */
	uint16_t rotation; /* 1: it does not rotate; 0: not said; else turns a minute */
	bool summed;       /* the page has a checksum, and it is right */
} athar_ata_identity;

/* False: the page is no ATA disk's. */
bool athar_ata_identity_parse(athar_ata_identity *out, const uint8_t page[ATHAR_ATA_PAGE]);
/* The number of sectors that the factory gave it; false: the page's checksum is wrong. */
bool athar_ata_dco_parse(uint64_t *sectors, const uint8_t page[ATHAR_ATA_PAGE]);

/* The registers that a command left, out of SCSI sense data. */
typedef struct athar_ata_registers {
	uint8_t error, status, device;
	uint64_t lba;
	bool whole; /* false: only the low 24 bits of lba are told */
} athar_ata_registers;
bool athar_ata_registers_parse(athar_ata_registers *out, const uint8_t *sense, size_t len);

/* Sends one command block. data is what comes back, or NULL; false: nothing was answered. */
typedef struct athar_ata_port {
	bool (*send)(void *user, const uint8_t cdb[16], uint8_t *data, size_t len,
	             uint8_t sense[32], size_t *sense_len);
	void *user;
} athar_ata_port;

/* An object: identify ("read" or why not), sectors, hpa and dco ("none", "present", "not
 * applicable", "not readable"), native_sectors, factory_sectors, hpa_sectors, dco_sectors (numbers
 * where known), security ("not supported", "not set", "set", "locked"), frozen, rotation, trim,
 * checksum. */
athar_json *athar_ata_hidden(const athar_ata_port *port);
/* The same of the disk whose node it is. Opened for reading; nothing on it is read. */
athar_json *athar_ata_hidden_of(const char *node);

#endif
