"""Weights of LLaMA2-Accessory, Meta, torch.hub, open_clip and Hugging Face into an EarthGPT and back."""
