"""Pictures drawn from words: an LSTM reads a text, and a conditional generator draws it."""
