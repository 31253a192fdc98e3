"""RWTHSAM-Net: a small promptable segmentation network of this project's own, trained by ``Training/``.

An encoder looks at a slice once, at the slice's own resolution; a decoder answers prompts on what it found. What is
said about prompts and sizes in numpy needs no PyTorch, so that the exported graphs run without it:

- `settings`: how wide and deep the network is
- `prompt_arrays`: points, lines and a box as the decoder's arrays
- `frame`: a slice as the encoder's input, and answers back in the slice's size
- `blocks`, `encoder`, `decoder`, `network`: the network itself, imported only where PyTorch is at hand
- `export`: the network as OpenVINO graphs
"""
