"""From a mask on one slice to an object in the volume, slice by slice, with a judgement of every step."""
