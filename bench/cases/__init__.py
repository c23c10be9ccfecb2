"""Parts of make_cases.py: data sets, base programs, operators, damages, causes outside the layers, writing."""
