"""Fine-tuning in parts that change for different reasons; `__main__` puts them together."""
