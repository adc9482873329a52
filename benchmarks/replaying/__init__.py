"""A lake with the year of flights, admitted day by day."""
