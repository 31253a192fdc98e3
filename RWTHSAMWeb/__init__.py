"""The web front: RWTHSAM in a browser page, on real MRML, without the desktop application.

``python          -m RWTHSAMWeb`` starts it. One process serves one person. Files by what they know:

================  ======================================================================
file              knows
================  ======================================================================
`host`            trame-slicer, whose interface is not stable: the only file that does
`app`             who is told when something happens
`state`           what the page shows, as plain values
`jobs`            what takes long: reading scans, fetching weights
`access_control`  who may open the page
`dispatch`        which calls and values of the page are taken
`arguments`       what an argument may be
`transfer`        files between page and process
`ui`              the page's panels
================  ======================================================================
"""
