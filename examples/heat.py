"""The heat equation on a work array, differentiated as it is written: which diffusivity and which start explain the data?

The data are the temperatures at Nottingham Castle, monthly means of 1920 to 1939 (see data/README.md)
