"""Managing servers that run, over ModelService: works with the stock server and with the local one."""
