"""What connects Tenure to other tools; each module needs the package it is for."""
