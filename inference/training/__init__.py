"""What a training is made of; torch is imported by the parts that compute."""
