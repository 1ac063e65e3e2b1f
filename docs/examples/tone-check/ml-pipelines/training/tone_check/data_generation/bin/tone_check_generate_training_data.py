#!/usr/bin/env python
from tone_check.generate_training_data import main

main()
