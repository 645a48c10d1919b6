"""What all commands share: options from dataclasses, progress, the end of a command, answers as rows."""
