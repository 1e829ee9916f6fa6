module finder

go 1.19
