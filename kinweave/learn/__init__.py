"""Learn: from the lake through indicators to tables that are safe to show."""
