"""The whole process as one machine: anybody does anything, in any order, and every rule holds."""
