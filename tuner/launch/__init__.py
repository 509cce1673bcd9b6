"""Workers on engines that exist: who starts them, sees them and ends them."""
