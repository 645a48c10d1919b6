"""Texts as weighted means of fixed vectors: Model2Vec folders, and tables of word vectors such as GloVe."""
