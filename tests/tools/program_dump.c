/* program_dump FILE.py: one line per constructor: line, end line, column, path, target, arguments. */
#include "source/program.h"
#include <math.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	gd_program *program;
	gd_error err = { 0 };
	if (argc != 2)
		return 2;
	gd_status status = gd_program_open(argv[1], &program, &err);
	if (status != GD_OK) {
		fprintf(stderr, "%s\n", err.message);
		return (int)status;
	}
	for (size_t i = 0; i < program->constructor_count; i++) {
		const gd_constructor *c = &program->constructors[i];
		printf("%d %d %d %s %s %s%s", c->line, c->end_line, c->column, c->path, c->target ? c->target : "-", c->repeated ? "r" : "-", c->maybe ? "m" : "-");
		for (size_t k = 0; k < c->argument_count; k++) {
			const gd_argument *a = &c->arguments[k];
			printf(" %s=", a->name ? a->name : "");
			if (a->text)
				printf("%s", a->text);
			else if (a->known)
				printf("%.12g", a->number);
			else
				printf("?");
		}
		printf("\n");
	}
	for (size_t i = 0; i < program->constructor_count; i++)
		if (program->constructors[i].parent >= 0)
			printf("held %zu in %d as %s\n", i, program->constructors[i].parent, program->constructors[i].attribute);
	printf("compile %d loss %d %s optimizer %d %s error %d %s\n", program->compile_line, program->loss_line, program->loss ? program->loss : "-",
		program->optimizer_line, program->optimizer ? program->optimizer : "-", program->syntax_error_line, program->gave_up ? program->gave_up : "-");
	gd_program_free(program);
	return 0;
}
