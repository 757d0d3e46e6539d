"""Gatherings (诚信宣传进社区): places, attendance by a code of the moment, and what they reached."""
