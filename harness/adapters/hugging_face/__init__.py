"""Any image-text-to-text model of transformers: loaded, shown pictures, understood token by token."""
