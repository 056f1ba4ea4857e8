#!/usr/bin/env -S A=b python3
print(1)
