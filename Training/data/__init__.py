"""Training slices made on the fly: made-up batteries and other things, with the true mask of every structure.

`sample_making.make_sample` makes one, `stream.SampleStream` an endless number in worker processes.
"""
