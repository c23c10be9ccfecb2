/* csv_table.h - one pass of libcsv over a table: the first measures it, the second fills in the chosen columns. */
#ifndef GD_CSV_TABLE_H
#define GD_CSV_TABLE_H
#include "data/classes.h"
#include "data/rows_format.h"

enum { GD_CSV_MAX_COLUMNS = 100000, GD_CSV_MAX_FIELD = 1 << 20 };

typedef struct {
	const char *head; /* field of the first row */
	const char *text; /* first field below it that is no number */
	int64_t text_row; /* its row, from 1; 0: all are numbers */
	bool has_number;    /* some field below the first row is a number */
	bool head_again;  /* some field below equals the head */
	bool counts;      /* the fields below are 0, 1, 2 ... */
	bool is_index, chosen;
	size_t place; /* among the chosen ones */
} gd_csv_column;

typedef struct {
	const unsigned char *bytes;
	size_t size;
	gd_arena *arena;
	unsigned char separator;
	gd_csv_column *columns;
	size_t column_count, column_room, chosen_count;
	int64_t row_count; /* header included */
	bool header, classes;
	double *numbers;    /* rows x chosen_count */
	int64_t *indices;   /* of classes: as gd_classes_add numbers them */
	gd_classes words;
} gd_csv_table;

typedef enum { GD_CSV_MEASURE, GD_CSV_FILL } gd_csv_pass;

GD_MUST_USE gd_status gd_csv_scan(gd_csv_table *table, gd_csv_pass pass, gd_error *err);
/* A decimal number (also nan, inf, true, false), all of the text, whatever the locale; false otherwise. Overflow is no
 * number: 1e999 would silently become infinite. */
bool gd_csv_number(const char *text, double *out);

#endif
