"""The page, one file a panel in the order of work. Widgets refer to values of `RWTHSAMWeb.state` and to actions."""
